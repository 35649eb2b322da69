"""Thousands of rows in each table that a list shows, so that the database chooses its plans.

The `crowd.py` of a module's tests says what fills its table (`MODEL`, `row`) and how its list is
read: `PATH`, the `INDEX` that has its order, and the `QUERIES` that must not read the whole table.
"""

import datetime as dt

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules import find
from halolight.modules.users.models import User

MANY = 5_000
CROWDS = find("crowd", "tests.modules")


def add_crowd(reader_id: int) -> None:
    """Add them, and let the database know. The lists are read by the user with this id."""
    now = utcnow()
    times = [now - dt.timedelta(minutes=number) for number in range(MANY)]
    for crowd in CROWDS:
        other_id = db.session.scalar(sa.select(sa.func.max(User.id)))
        timestamps = {"created_at", "updated_at"} & set(sa.inspect(crowd.MODEL).columns.keys())
        rows = [
            dict.fromkeys(timestamps, time) | crowd.row(number, reader_id, other_id)
            for number, time in enumerate(times)
        ]
        db.session.execute(sa.insert(crowd.MODEL), rows)
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()
