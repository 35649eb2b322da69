"""`flask sessions ...`"""

import click

from halolight.core.commands import Group

from . import service

group = Group("sessions", help="Manage sessions.")


@group.command("prune")
def prune() -> None:
    """Delete sessions that have ended. Run it daily."""
    click.echo(f"Deleted {service.prune_sessions()} sessions")
