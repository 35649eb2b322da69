"""What analytics reads: the counters of visits, the sign-ins of the audit trail, and the users."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from halolight.core.db.aggregates import JsonRows
from halolight.core.db.paging import Scope
from halolight.modules.audit.models import AuditEntry
from halolight.modules.dashboard.models import DailyVisits
from halolight.modules.users.models import User

SHOWN_REGIONS = 10

# The beginnings of the last 30 days, today among them, and of the 30 before.
LATE_DAY = sa.bindparam("late_day", type_=sa.Date)
EARLY_DAY = sa.bindparam("early_day", type_=sa.Date)
LATELY = sa.bindparam("lately", type_=AuditEntry.created_at.type)

# The first that the user agent names is the browser: most of them also name those below.
BROWSERS = {
    "Edge": ("Edg/", "EdgA/", "EdgiOS/"),
    "Opera": ("OPR/",),
    "Firefox": ("Firefox/", "FxiOS/"),
    "Chrome": ("Chrome/", "CriOS/"),
    "Safari": ("Safari/",),
}


def _sums() -> sa.Subquery:
    """The visits of both periods."""
    late = DailyVisits.date >= LATE_DAY
    columns = [
        sa.func.coalesce(sa.func.sum(getattr(DailyVisits, name)).filter(when), 0)
        .cast(sa.BigInteger)
        .label(f"{name}_{period}")
        for name in ("visits", "unique_visitors", "page_views")
        for period, when in (("lately", late), ("before", ~late))
    ]
    return sa.select(*columns).where(DailyVisits.date >= EARLY_DAY).subquery("sums")


def _sources() -> sa.ScalarSelect[Any]:
    """The sign-ins of the last 30 days by browser."""
    agent = AuditEntry.user_agent
    browser = sa.case(
        *(
            (sa.or_(*(agent.contains(sign) for sign in signs)), name)
            for name, signs in BROWSERS.items()
        ),
        else_="Other",
    ).label("source")
    named = (
        sa.select(browser)
        .where(AuditEntry.action == "auth.login", AuditEntry.created_at >= LATELY)
        .subquery("named")
    )
    counted = (
        sa.select(named.c.source, sa.func.count().label("value"))
        .group_by(named.c.source)
        .subquery("sources")
    )
    return sa.select(JsonRows(source=counted.c.source, value=counted.c.value)).scalar_subquery()


def _regions(scope: Scope) -> sa.ScalarSelect[Any]:
    """The users in the largest departments."""
    users = sa.func.count().label("users")
    counted = (
        sa.select(User.department.label("name"), users)
        .where(sa.or_(*scope), User.department != "")
        .group_by(User.department)
        .order_by(users.desc(), User.department)
        .limit(SHOWN_REGIONS)
        .subquery("regions")
    )
    return sa.select(JsonRows(name=counted.c.name, users=counted.c.users)).scalar_subquery()


@cache
def analytics(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    """All figures in one statement."""
    return sa.select(_sums(), _sources().label("traffic"), _regions(scope).label("regions"))
