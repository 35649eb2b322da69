"""The figures at the head of the dashboard, in one statement."""

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.counts import row_count
from halolight.core.listing import EVERYTHING, Condition
from halolight.core.money import Money
from halolight.extensions import db
from halolight.modules.calendar.models import Event
from halolight.modules.documents.models import Document
from halolight.modules.files.models import File
from halolight.modules.messages.models import MessageReceipt
from halolight.modules.orders.models import DailySales
from halolight.modules.users.models import User
from halolight.modules.users.queries import ACTIVE

from .scopes import IS_FILE, NOTHING, Scope, scope_of, scope_params

PERIOD = dt.timedelta(days=30)
# Part of the SQL: of a parameter a prepared statement could not tell the type.
ZERO = sa.literal_column("0", sa.BigInteger)

# The beginnings of the last 30 days, today among them, and of the 30 before.
_LATELY = sa.bindparam("lately", type_=User.created_at.type)
_BEFORE = sa.bindparam("before", type_=User.created_at.type)
_LATE_DAY = sa.bindparam("late_day", type_=sa.Date)
_EARLY_DAY = sa.bindparam("early_day", type_=sa.Date)


def get_stats(user: CurrentUser) -> dict[str, Any]:
    """All figures, each of what the caller may see.

    The periods are whole days (UTC), so that nothing changes between two reads but at midnight.
    """
    today = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    lately = today + dt.timedelta(days=1) - PERIOD
    before = lately - PERIOD
    row = db.row(
        _statement(scope_of(user)),
        **scope_params(user),
        lately=lately,
        before=before,
        late_day=lately.date(),
        early_day=before.date(),
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
    """Per cent, with one place; 0 of nothing."""
    return round(Decimal(100 * part) / whole, 1) if whole else Decimal(0)


def growth(now: Decimal | int, before: Decimal | int) -> float:
    """By how many per cent the one is more than the other; from nothing to something it is 100."""
    if not before:
        return 100.0 if now else 0.0
    return float(round(Decimal(100 * (now - before)) / before, 1))


@cache
def _statement(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    users, documents = _new(User, scope.users), _new(Document, scope.documents)
    files = _files(scope.files)
    sales = _sales() if scope.orders else _no_sales()
    return sa.select(
        _count(User, scope.users).label("total_users"),
        _count(User, scope.users, ACTIVE).label("active_users"),
        _count(Document, scope.documents).label("total_documents"),
        *files.c,
        _count(MessageReceipt, scope.messages).label("total_messages"),
        _count(Event, scope.events).label("total_events"),
        users.c.lately.label("users_lately"),
        users.c.before.label("users_before"),
        documents.c.lately.label("documents_lately"),
        documents.c.before.label("documents_before"),
        *sales.c,
    ).select_from(users.join(documents, sa.true()).join(files, sa.true()).join(sales, sa.true()))


def _count(entity: Any, scope: Condition, *conditions: Condition) -> sa.ScalarSelect[int]:
    """How many there are; of a whole table its triggers know."""
    if scope is NOTHING:
        return sa.select(ZERO).scalar_subquery()
    if scope is EVERYTHING and not conditions:
        return row_count(entity).scalar_subquery()
    counting = sa.select(sa.func.count()).select_from(entity)
    return counting.where(scope, *conditions).scalar_subquery()


def _files(scope: Condition) -> sa.Subquery:
    """How many there are and how large they are together, in one go."""
    size = sa.func.coalesce(sa.func.sum(File.size), 0).cast(sa.BigInteger)
    counting = sa.select(sa.func.count().label("total_files"), size.label("storage_used"))
    return counting.where(scope, IS_FILE).subquery("sizes")


def _new(entity: Any, scope: Condition) -> sa.Subquery:
    """How many came to be lately, and how many in the time before."""
    lately = entity.created_at >= _LATELY
    return (
        sa.select(
            sa.func.count().filter(lately).label("lately"),
            sa.func.count().filter(~lately).label("before"),
        )
        .select_from(entity)
        .where(scope, entity.created_at >= _BEFORE)
        .subquery(f"new_{entity.__tablename__}")
    )


def _sales() -> sa.Subquery:
    """All from the sums of each day."""
    lately = DailySales.date >= _LATE_DAY
    before = sa.and_(DailySales.date >= _EARLY_DAY, DailySales.date < _LATE_DAY)
    columns: list[sa.Label[Any]] = [
        sa.func.sum(DailySales.orders).label("total_orders"),
        sa.func.sum(DailySales.sold).label("sold"),
        sa.func.sum(DailySales.revenue).label("total_revenue"),
    ]
    for name in ("orders", "sold", "revenue"):
        column = getattr(DailySales, name)
        columns.append(sa.func.sum(column).filter(lately).label(f"{name}_lately"))
        columns.append(sa.func.sum(column).filter(before).label(f"{name}_before"))
    return sa.select(*(_or_nothing(column) for column in columns)).subquery("sales")


def _or_nothing(column: sa.Label[Any]) -> sa.Label[Any]:
    """A sum of no rows is 0."""
    money = isinstance(column.type, Money)
    kind = Money(20) if money else sa.BigInteger()
    summed = sa.func.coalesce(column.element, 0)
    return (sa.type_coerce(summed, kind) if money else summed.cast(kind)).label(column.name)


def _no_sales() -> sa.Subquery:
    names = [column.name for column in _sales().c]
    return sa.select(*(ZERO.label(name) for name in names)).subquery("sales")
