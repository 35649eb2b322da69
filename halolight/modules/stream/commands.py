"""`flask stream ...`"""

import click

from halolight.core.commands import Group

from . import service

group = Group("stream", help="Manage live events.")


@group.command("prune")
def prune() -> None:
    """Delete live events that are older than a day. Run it daily."""
    click.echo(f"Deleted {service.prune_streams()} live events")
