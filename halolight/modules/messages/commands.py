"""`flask messages ...`"""

import click
from flask.cli import AppGroup

from . import service

group = AppGroup("messages", help="Messages.")


@group.command("prune")
def prune() -> None:
    """Delete the messages of which nobody is left who has them; for a daily timer."""
    click.echo(f"Deleted {service.prune_messages()} messages")
