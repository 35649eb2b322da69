"""`flask sessions ...`"""

import click
from flask.cli import AppGroup

from . import sessions

group = AppGroup("sessions", help="Manage sessions.")


@group.command("prune")
def prune() -> None:
    """Delete sessions that have ended. Run it daily."""
    click.echo(f"Deleted {sessions.prune_sessions()} sessions")
