"""What the dashboard reads of everything else."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from halolight.core.db.listing import NOTHING, count_of, rows_of
from halolight.core.db.paging import Condition, Scope
from halolight.core.db.resource import CALLER
from halolight.core.money import Money
from halolight.modules.audit.models import AuditEntry
from halolight.modules.calendar.models import Event
from halolight.modules.documents.models import Document
from halolight.modules.files.models import File
from halolight.modules.messages.models import MessageReceipt
from halolight.modules.orders.models import SOLD, DailySales, Order, OrderItem
from halolight.modules.orders.queries import SUMMARY
from halolight.modules.products.models import Product
from halolight.modules.roles.models import Role
from halolight.modules.users.models import User
from halolight.modules.users.queries import ACTIVE

from .models import DailyVisits
from .scopes import IS_FILE, Scopes

SINCE = sa.bindparam("since", type_=sa.Date)
SHOWN = 10  # products and orders
SHOWN_ACTIVITIES = 20

# Part of the SQL, because a prepared statement could not infer the type of a parameter.
ZERO = sa.literal_column("0", sa.BigInteger)

# The beginnings of the last 30 days, today among them, and of the 30 before.
_LATELY = sa.bindparam("lately", type_=User.created_at.type)
_BEFORE = sa.bindparam("before", type_=User.created_at.type)
_LATE_DAY = sa.bindparam("late_day", type_=sa.Date)
_EARLY_DAY = sa.bindparam("early_day", type_=sa.Date)

VISITS = (
    sa.select(
        DailyVisits.date, DailyVisits.visits, DailyVisits.unique_visitors, DailyVisits.page_views
    )
    .where(DailyVisits.date >= SINCE)
    .order_by(DailyVisits.date)
)

_YEAR, _MONTH = sa.extract("year", DailySales.date), sa.extract("month", DailySales.date)
SALES = (
    sa.select(
        _YEAR.label("year"),
        _MONTH.label("month"),
        sa.func.sum(DailySales.revenue).label("sales"),
        sa.func.sum(DailySales.orders).cast(sa.BigInteger).label("orders"),
        sa.func.sum(DailySales.profit).label("profit"),
    )
    .where(DailySales.date >= SINCE)
    .group_by(_YEAR, _MONTH)
)

_WAS_SOLD = OrderItem.order_id.in_(sa.select(Order.id).where(Order.status.in_(SOLD)))
_PIECES = sa.func.sum(OrderItem.quantity).cast(sa.BigInteger)

_best = (
    sa.select(
        OrderItem.product_id,
        _PIECES.label("sales"),
        sa.type_coerce(sa.func.sum(OrderItem.quantity * OrderItem.price), Money(20)).label(
            "revenue"
        ),
    )
    .where(_WAS_SOLD, OrderItem.product_id.is_not(None))
    .group_by(OrderItem.product_id)
    .order_by(sa.desc("sales"), OrderItem.product_id)
    .limit(SHOWN)
    .subquery("best")
)
BEST_SELLERS = (
    sa.select(
        Product.id,
        Product.name,
        Product.category,
        Product.price,
        _best.c.sales,
        Product.stock,
        Product.image,
        _best.c.revenue,
    )
    .join(_best, _best.c.product_id == Product.id)
    .order_by(_best.c.sales.desc(), Product.id)
)

LATEST_ORDERS = SUMMARY.order_by(Order.created_at.desc(), Order.id.desc()).limit(SHOWN)

ACTIVITIES = (
    sa.select(
        AuditEntry.id,
        sa.func.coalesce(AuditEntry.actor_name, "System").label("user"),
        User.avatar,
        AuditEntry.action,
        sa.func.coalesce(AuditEntry.target_name, AuditEntry.target_type).label("target"),
        AuditEntry.created_at.label("time"),
    )
    .outerjoin(User, User.id == AuditEntry.actor_id)
    .order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc())
    .limit(SHOWN_ACTIVITIES)
)
MY_ACTIVITIES = ACTIVITIES.where(AuditEntry.actor_id == CALLER)


@cache
def pie_of_files(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    return _pie(File.type, sa.func.count(), sa.or_(*scope), IS_FILE)


@cache
def pie_of_documents(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    return _pie(Document.type, sa.func.count(), sa.or_(*scope))


@cache
def pie_of_users(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    pie = _pie(Role.label, sa.func.count(), sa.or_(*scope))
    return pie.select_from(User).join(Role, Role.name == User.role)


def _pie(
    name: sa.SQLColumnExpression[Any], value: sa.ColumnElement[Any], *conditions: Condition
) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(name.label("name"), value.label("value")).where(*conditions).group_by(name)


PIE_OF_ORDERS = _pie(sa.func.coalesce(OrderItem.category, "Other"), _PIECES, _WAS_SOLD)


@cache
def stats(scopes: Scopes) -> sa.Select[*tuple[Any, ...]]:
    """All figures of what a caller may see, in one statement."""
    users, documents = _new(User, scopes.users), _new(Document, scopes.documents)
    files = _files(scopes.files)
    sales = _sales() if scopes.orders else _no_sales()
    return sa.select(
        _count(User, scopes.users).label("total_users"),
        _count(User, scopes.users, ACTIVE).label("active_users"),
        _count(Document, scopes.documents).label("total_documents"),
        *files.c,
        _count(MessageReceipt, scopes.messages).label("total_messages"),
        _count(Event, scopes.events).label("total_events"),
        users.c.lately.label("users_lately"),
        users.c.before.label("users_before"),
        documents.c.lately.label("documents_lately"),
        documents.c.before.label("documents_before"),
        *sales.c,
    ).select_from(users.join(documents, sa.true()).join(files, sa.true()).join(sales, sa.true()))


def _count(entity: Any, scope: Scope, *conditions: Condition) -> sa.ScalarSelect[int]:
    nothing = sa.select(ZERO)
    counted = nothing if scope[0] is NOTHING else count_of(entity, scope, *conditions)
    return counted.scalar_subquery()


def _files(scope: Scope) -> sa.Subquery:
    """How many there are and how large they are together, in one go."""
    sizes = rows_of(scope, [File.size], IS_FILE)
    size = sa.func.coalesce(sa.func.sum(sizes.c.size), 0).cast(sa.BigInteger)
    counting = sa.select(sa.func.count().label("total_files"), size.label("storage_used"))
    return counting.select_from(sizes).subquery("sizes")


def _new(entity: Any, scope: Scope) -> sa.Subquery:
    """How many came to be lately, and how many in the time before."""
    times = rows_of(scope, [entity.created_at], entity.created_at >= _BEFORE)
    lately = times.c.created_at >= _LATELY
    return (
        sa.select(
            sa.func.count().filter(lately).label("lately"),
            sa.func.count().filter(~lately).label("before"),
        )
        .select_from(times)
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
