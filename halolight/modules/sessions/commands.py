"""`flask sessions ...`"""

import click
from flask.cli import AppGroup

from . import service

group = AppGroup("sessions", help="Manage sessions.")


@group.command("prune")
def prune() -> None:
    """Delete sessions that have ended. Run it daily."""
    click.echo(f"Deleted {service.prune_sessions()} sessions")
