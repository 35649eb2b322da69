"""`flask messages ...`"""

import click

from halolight.core.commands import Group

from . import service

group = Group("messages", help="Manage messages.")


@group.command("prune")
def prune() -> None:
    """Delete messages that no user has any more. Run it daily."""
    click.echo(f"Deleted {service.prune_messages()} messages")
