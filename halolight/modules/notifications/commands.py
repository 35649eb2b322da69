"""`flask notifications ...`"""

import datetime as dt

import click
from flask.cli import AppGroup

from . import service

group = AppGroup("notifications", help="What people were told.")


@group.command("prune")
@click.option(
    "--days",
    type=click.IntRange(0, 3650),
    default=90,
    show_default=True,
    help="Keep those that were read since.",
)
def prune(days: int) -> None:
    """Delete the notifications that were read long ago; for a daily timer."""
    pruned = service.prune_notifications(dt.timedelta(days=days))
    click.echo(f"Deleted {pruned} notifications")
