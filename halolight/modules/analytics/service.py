"""The figures of the last 30 days, compared with the 30 days before."""

import datetime as dt
from decimal import Decimal
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.extensions import db
from halolight.modules.dashboard.scopes import scopes_of
from halolight.modules.dashboard.stats import PERIOD, growth

from .queries import analytics


def get_analytics(user: CurrentUser) -> dict[str, Any]:
    """All figures. Whole days (UTC): between two midnights only what happens changes them."""
    today = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    lately = today + dt.timedelta(days=1) - PERIOD
    row = db.row(
        analytics(scopes_of(user).users),
        caller=user.id,
        lately=lately,
        late_day=lately.date(),
        early_day=(lately - PERIOD).date(),
    )
    return {
        "kpis": _kpis(row),
        "traffic": sorted(row.traffic, key=lambda each: (-each["value"], each["source"])),
        "regions": sorted(row.regions, key=lambda each: (-each["users"], each["name"])),
    }


def _kpis(row: Row) -> list[dict[str, Any]]:
    days = PERIOD.days
    pairs = {
        "Visits": (row.visits_lately, row.visits_before),
        "Page views": (row.page_views_lately, row.page_views_before),
        "Visitors per day": (
            _mean(row.unique_visitors_lately, days),
            _mean(row.unique_visitors_before, days),
        ),
        "Page views per visit": (
            _mean(row.page_views_lately, row.visits_lately),
            _mean(row.page_views_before, row.visits_before),
        ),
    }
    return [
        {"label": label, "value": float(now), "change": growth(now, before)}
        for label, (now, before) in pairs.items()
    ]


def _mean(total: int, number: int) -> Decimal:
    """The mean with one decimal place; 0 if the number is 0."""
    return round(Decimal(total) / number, 1) if number else Decimal(0)
