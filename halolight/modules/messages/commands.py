"""`flask messages ...`"""

import click
from flask.cli import AppGroup

from . import service

group = AppGroup("messages", help="Manage messages.")


@group.command("prune")
def prune() -> None:
    """Delete messages that no user has any more. Run it daily."""
    click.echo(f"Deleted {service.prune_messages()} messages")
