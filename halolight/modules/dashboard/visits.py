"""Counting visits: in memory per request, in the database every two seconds.

A page view is one read of the API by a signed-in user, a visit the first of a session on a day,
a unique visitor the first of a user; days are those of UTC. Looking at the visits is none of it:
who watches the figures does not move them. Nor is opening a stream, which clients repeat.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection

import sqlalchemy as sa
from flask import Request

from halolight.core import access
from halolight.core.access import CurrentUser
from halolight.core.background.counter import BufferedCounter
from halolight.core.clock import utcnow
from halolight.extensions import db

from .models import DailyVisitor, DailyVisits

KEPT = dt.timedelta(days=2)  # until when the reads of a day may still come in
AT_ONCE = 5_000  # rows of one INSERT
UNCOUNTED = frozenset({"dashboard.list_visits", "analytics.get_analytics", "stream.open_stream"})

_VISITOR = sa.tuple_(DailyVisitor.date, DailyVisitor.kind, DailyVisitor.visitor_id)
# Those that another worker is deleting right now are left to it.
FORGET_OLD = sa.delete(DailyVisitor).where(
    _VISITOR.in_(
        sa.select(DailyVisitor.date, DailyVisitor.kind, DailyVisitor.visitor_id)
        .where(DailyVisitor.date < sa.bindparam("since"))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
)

Key = tuple[dt.date, int, int]  # day, user, session


@access.observer
def count_view(user: CurrentUser, request: Request) -> None:
    if request.method == "GET" and request.endpoint not in UNCOUNTED:
        VIEWS.add((utcnow().date(), user.id, user.session_id))


def _add_visits(counts: Counter[Key]) -> None:
    """Add what has gathered, in one transaction.

    The row of a day is locked first, days in their order, so that no other process adds to the day
    meanwhile, and two who add cannot block each other.
    """
    for day in sorted({key[0] for key in counts}):
        of_day = {key: n for key, n in counts.items() if key[0] == day}
        _lock(day)
        sessions = _add_new(day, "session", {session for _, _, session in of_day})
        users = _add_new(day, "user", {user for _, user, _ in of_day})
        db.session.execute(
            sa.update(DailyVisits)
            .where(DailyVisits.date == day)
            .values(
                visits=DailyVisits.visits + sessions,
                unique_visitors=DailyVisits.unique_visitors + users,
                page_views=DailyVisits.page_views + sum(of_day.values()),
            )
        )
    db.session.execute(FORGET_OLD, {"since": utcnow().date() - KEPT})
    db.session.commit()


def _lock(day: dt.date) -> None:
    """Take the row of the day, which is there from now on."""
    db.session.execute(db.insert(DailyVisits).values(date=day).on_conflict_do_nothing())
    db.session.execute(sa.select(DailyVisits.date).filter_by(date=day).with_for_update())


def _add_new(day: dt.date, kind: str, ids: Collection[int]) -> int:
    """Remember the visitors of a day; return how many are new."""
    ordered, new = sorted(ids), 0
    for start in range(0, len(ordered), AT_ONCE):
        rows = [
            {"date": day, "kind": kind, "visitor_id": i} for i in ordered[start : start + AT_ONCE]
        ]
        adding = db.insert(DailyVisitor).values(rows).on_conflict_do_nothing()
        new += len(db.session.scalars(adding.returning(DailyVisitor.visitor_id)).all())
    return new


VIEWS: BufferedCounter[Key] = BufferedCounter("visits", _add_visits)
