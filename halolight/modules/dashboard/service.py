"""What the dashboard shows. Each answer is one statement, and covers what the caller may see."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.core.db.resource import Resource
from halolight.core.money import NOTHING as NO_MONEY
from halolight.core.text import fold
from halolight.extensions import db
from halolight.modules.calendar import service as calendar

from . import queries
from .scopes import scopes_of

MOST_EVENTS = 100


def list_visits(days: int) -> list[dict[str, Any]]:
    """The visits of each of the last days (UTC), also of one without any."""
    today = utcnow().date()
    dates = [today - dt.timedelta(days=ago) for ago in reversed(range(days))]
    counted = {row.date: row._asdict() for row in db.rows(queries.VISITS, since=dates[0])}
    none = {"visits": 0, "unique_visitors": 0, "page_views": 0}
    return [counted.get(date) or {"date": date, **none} for date in dates]


def list_sales(user: CurrentUser, months: int) -> list[dict[str, Any]]:
    """The sales of each of the last months (UTC), also of one without any."""
    firsts = _months(utcnow().date(), months)
    rows = db.rows(queries.SALES, since=firsts[0]) if user.can("orders:view") else ()
    sold = {(row.year, row.month): row._asdict() for row in rows}
    none = {"sales": NO_MONEY, "orders": 0, "profit": NO_MONEY}
    return [
        {**none, **sold.get((first.year, first.month), {}), "month": f"{first:%Y-%m}"}
        for first in firsts
    ]


def _months(last: dt.date, number: int) -> list[dt.date]:
    """The first days of so many months, of which this date is in the last."""
    count = last.year * 12 + last.month - 1
    return [dt.date(n // 12, n % 12 + 1, 1) for n in range(count - number + 1, count + 1)]


def list_pie(user: CurrentUser, by: str) -> Sequence[Row]:
    """How many there are of each kind, the largest first, and equal ones by their names."""
    return sorted(_pie(user, by), key=lambda row: (-row.value, fold(row.name)))


def _pie(user: CurrentUser, by: str) -> Sequence[Row]:
    scopes = scopes_of(user)
    if by == "orderCategory":
        return db.rows(queries.PIE_OF_ORDERS) if scopes.orders else []
    statement = {
        "fileType": queries.pie_of_files(scopes.files),
        "documentType": queries.pie_of_documents(scopes.documents),
        "role": queries.pie_of_users(scopes.users),
    }[by]
    return db.rows(statement, **Resource.params(user))


def list_best_sellers(user: CurrentUser) -> Sequence[Row]:
    return db.rows(queries.BEST_SELLERS) if user.can("orders:view") else []


def list_latest_orders(user: CurrentUser) -> Sequence[Row]:
    return db.rows(queries.LATEST_ORDERS) if user.can("orders:view") else []


def list_activities(user: CurrentUser) -> Sequence[Row]:
    """The latest changes: everybody's for users with `audit:view`, otherwise the user's own."""
    if user.can("audit:view"):
        return db.rows(queries.ACTIVITIES)
    return db.rows(queries.MY_ACTIVITIES, caller=user.id)


def list_tasks(user: CurrentUser) -> Sequence[Row]:
    """Those still to do first."""
    return calendar.list_my_tasks(user, MOST_EVENTS) if user.can("calendar:view") else []


def list_events_of_today(user: CurrentUser, zone: ZoneInfo) -> Sequence[Row]:
    """What is on today, where today is the day that it is in this zone."""
    if not user.can("calendar:view"):
        return []
    today = utcnow().astimezone(zone).date()
    start, end = (
        dt.datetime.combine(date, dt.time(), zone) for date in (today, today + dt.timedelta(days=1))
    )
    return calendar.list_events_between(user, start, end, MOST_EVENTS)
