"""The figures at the head of the dashboard."""

import datetime as dt
from decimal import Decimal
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.resource import Resource
from halolight.extensions import db

from . import queries
from .scopes import scopes_of

PERIOD = dt.timedelta(days=30)


def get_stats(user: CurrentUser) -> dict[str, Any]:
    """All figures, each of what the caller may see.

    The periods are whole days (UTC), so that nothing changes between two reads but at midnight.
    """
    today = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    lately = today + dt.timedelta(days=1) - PERIOD
    before = lately - PERIOD
    row = db.row(
        queries.stats(scopes_of(user)),
        **Resource.params(user),
        lately=lately,
        before=before,
        late_day=lately.date(),
        early_day=before.date(),
        late_key=lately.date().isoformat(),
        early_key=before.date().isoformat(),
    )
    return {
        **row._asdict(),
        "conversion_rate": float(_share(row.sold, row.total_orders)),
        "user_growth": growth(row.users_lately, row.users_before),
        "document_growth": growth(row.documents_lately, row.documents_before),
        "revenue_growth": growth(row.revenue_lately, row.revenue_before),
        "order_growth": growth(row.orders_lately, row.orders_before),
        "rate_growth": growth(
            _share(row.sold_lately, row.orders_lately), _share(row.sold_before, row.orders_before)
        ),
    }


def _share(part: int, whole: int) -> Decimal:
    """The percentage with one decimal place; 0 if the whole is 0."""
    return round(Decimal(100 * part) / whole, 1) if whole else Decimal(0)


def growth(now: Decimal | int, before: Decimal | int) -> float:
    """The growth in per cent; from zero to anything it is 100."""
    if not before:
        return 100.0 if now else 0.0
    return float(round(Decimal(100 * (now - before)) / before, 1))
