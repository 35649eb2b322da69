"""How many mails are queued, and for how long, for the metrics."""

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.db.base import Database, UTCDateTime
from halolight.core.db.paging import number
from halolight.core.metric_families import MAIL_QUEUE, MAIL_QUEUE_AGE

_MAILS = sa.table(
    "outgoing_mails",
    sa.column("id", sa.Integer),
    sa.column("due_at", UTCDateTime),
    sa.column("created_at", UTCDateTime),
)
# Of a very long queue only the beginning: what this costs has a limit.
_FIRST = (
    sa.select(_MAILS.c.due_at, _MAILS.c.created_at)
    .order_by(_MAILS.c.id)
    .limit(number(10_000))
    .subquery()
)
_QUEUE = sa.select(
    sa.func.count(_FIRST.c.due_at).label("waiting"),
    sa.func.count().label("length"),
    sa.func.min(sa.case((_FIRST.c.due_at.is_not(None), _FIRST.c.created_at))).label("oldest"),
)


def measure(db: Database) -> None:
    """Set the gauges of the queue. A mail without a due time was given up."""
    queue = db.row(_QUEUE)
    MAIL_QUEUE.labels("waiting").set(queue.waiting)
    MAIL_QUEUE.labels("given_up").set(queue.length - queue.waiting)
    oldest = queue.oldest
    MAIL_QUEUE_AGE.set((utcnow() - oldest).total_seconds() if oldest else 0)
