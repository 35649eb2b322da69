"""`flask sessions ...`"""

import click
from flask.cli import AppGroup

from . import sessions

group = AppGroup("sessions", help="Sign-ins.")


@group.command("prune")
def prune() -> None:
    """Delete the sessions that have ended; for a daily timer."""
    click.echo(f"Deleted {sessions.prune_sessions()} sessions")
