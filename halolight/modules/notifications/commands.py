"""`flask notifications ...`"""

import datetime as dt

import click

from halolight.core.commands import Group

from . import service

group = Group("notifications", help="Manage notifications.")


@group.command("prune")
@click.option(
    "--days",
    type=click.IntRange(0, 3650),
    default=90,
    show_default=True,
    help="Keep notifications that were read within this many days.",
)
def prune(days: int) -> None:
    """Delete notifications that were read long ago. Run it daily."""
    pruned = service.prune_notifications(dt.timedelta(days=days))
    click.echo(f"Deleted {pruned} notifications")
