"""The visits of the demo: the days before the one on which it is made, which counts for itself."""

import datetime as dt
from random import Random

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db

from .models import DailyVisits

DEMO = "visits"
AFTER = ("orders",)  # with which the dashboard compares them

DAYS = 90
WEEK = (140, 155, 150, 145, 125, 52, 44)  # visits, from Monday on


def seed_demo(random: Random) -> int:
    """Add the demo's visits where there are none yet."""
    today = utcnow().date()
    if db.session.scalar(sa.select(DailyVisits.date).where(DailyVisits.date < today).limit(1)):
        return 0
    for ago in range(DAYS, 0, -1):
        date = today - dt.timedelta(days=ago)
        grown = 1 + 0.3 * (DAYS - ago) / DAYS
        visits = int(WEEK[date.weekday()] * grown * random.uniform(0.9, 1.1))
        db.session.add(
            DailyVisits(
                date=date,
                visits=visits,
                unique_visitors=int(visits * random.uniform(0.62, 0.74)),
                page_views=int(visits * random.uniform(8, 13)),
            )
        )
    db.session.flush()
    return DAYS
