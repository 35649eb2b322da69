"""`flask calendar ...`"""

import logging
import signal
import threading

import click
import sqlalchemy as sa

from halolight.core.commands import Group
from halolight.extensions import db

from .reminders import send_due_reminders
from .series import extend_all

log = logging.getLogger(__name__)

group = Group("calendar", help="Manage the calendar.")


@group.command("remind")
@click.option(
    "--every",
    type=click.IntRange(1, 3600),
    metavar="SECONDS",
    help="Keep running, with this pause between checks.",
)
def remind(every: int | None) -> None:
    """Send reminders of upcoming events. Safe to run on several machines at once.

    It also computes further occurrences of series that have few to come.
    """
    if every:
        _remind_until_stopped(every)
    else:
        extend_all()
        click.echo(f"Sent {send_due_reminders()} reminders")


def _remind_until_stopped(every: int) -> None:
    """On SIGTERM or SIGINT, finish the current transaction and stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            extend_all()
            if sent := send_due_reminders():
                log.info("sent %d reminders", sent)
        except sa.exc.SQLAlchemyError as error:  # the database is unavailable: try again later
            log.error("reminders not sent: %s", error)
        db.session.remove()
        stop.wait(every)
