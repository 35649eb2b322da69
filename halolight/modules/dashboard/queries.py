"""What the dashboard reads of everything else."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from halolight.core.db.groups import NUMBER, GroupCount, of_group
from halolight.core.db.listing import EVERYTHING, NOTHING, count_of, rows_of
from halolight.core.db.paging import Condition, Scope
from halolight.core.db.resource import CALLER
from halolight.core.money import Money
from halolight.modules.audit.models import AuditEntry
from halolight.modules.calendar.models import Event
from halolight.modules.documents.models import Document
from halolight.modules.files.models import FOLDER, File
from halolight.modules.messages.models import MessageReceipt
from halolight.modules.orders.models import SOLD, DailySales, Order, OrderItem, ProductSales
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
# The same days as triggers write them.
_LATE_KEY = sa.bindparam("late_key", type_=sa.String)
_EARLY_KEY = sa.bindparam("early_key", type_=sa.String)

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

BEST_SELLERS = (
    sa.select(
        Product.id,
        Product.name,
        Product.category,
        Product.price,
        (-ProductSales.negative_pieces).label("sales"),
        Product.stock,
        Product.image,
        ProductSales.revenue,
    )
    .join(ProductSales, ProductSales.product_id == Product.id)
    .where(ProductSales.negative_pieces < 0)
    .order_by(ProductSales.negative_pieces, ProductSales.product_id)
    .limit(SHOWN)
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
    if scope[0] is EVERYTHING:
        return _counted_pie(of_group(File, "type"), GroupCount.value != FOLDER)
    return _pie(File.type, sa.or_(*scope), IS_FILE)


@cache
def pie_of_documents(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    if scope[0] is EVERYTHING:
        return _counted_pie(of_group(Document, "type"))
    return _pie(Document.type, sa.or_(*scope))


@cache
def pie_of_users(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    if scope[0] is EVERYTHING:
        pie = _counted_pie(of_group(User, "role"), name=Role.label)
        return pie.join(Role, Role.name == GroupCount.value)
    pie = _pie(Role.label, sa.or_(*scope))
    return pie.select_from(User).join(Role, Role.name == User.role)


def _pie(name: Any, *conditions: Condition) -> sa.Select[*tuple[Any, ...]]:
    """The rows of each name, counted."""
    value = sa.func.count().label("value")
    return sa.select(name.label("name"), value).where(*conditions).group_by(name)


def _counted_pie(
    *conditions: Condition, name: Any = GroupCount.value
) -> sa.Select[*tuple[Any, ...]]:
    """The same of a whole table, whose triggers know it."""
    pie = sa.select(name.label("name"), NUMBER.label("value")).select_from(GroupCount)
    return pie.where(*conditions).group_by(name).having(sa.func.sum(GroupCount.n) != 0)


PIE_OF_ORDERS = _counted_pie(of_group(OrderItem, "category"))


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
    number: sa.ColumnElement[int] = NUMBER
    size: Any = sa.func.sum(GroupCount.total)
    if scope[0] is EVERYTHING:
        of_files = (of_group(File, "type"), GroupCount.value != FOLDER)
        found: sa.Select[Any] = sa.select(GroupCount).where(*of_files)
    else:
        sizes = rows_of(scope, [File.size], IS_FILE)
        number, size = sa.func.count(), sa.func.sum(sizes.c.size)
        found = sa.select(sizes)
    size = sa.func.coalesce(size, 0).cast(sa.BigInteger)
    counting = found.with_only_columns(number.label("total_files"), size.label("storage_used"))
    return counting.subquery("sizes")


def _new(entity: Any, scope: Scope) -> sa.Subquery:
    """How many came to be lately, and how many in the time before."""
    name = f"new_{entity.__tablename__}"
    if scope[0] is EVERYTHING:
        late, n = GroupCount.value >= _LATE_KEY, sa.func.sum(GroupCount.n)
        columns = ((n.filter(late), "lately"), (n.filter(~late), "before"))
        summed = (sa.func.coalesce(n, 0).cast(sa.BigInteger).label(name) for n, name in columns)
        days = (of_group(entity, "created_on"), GroupCount.value >= _EARLY_KEY)
        return sa.select(*summed).where(*days).subquery(name)
    times = rows_of(scope, [entity.created_at], entity.created_at >= _BEFORE)
    lately = times.c.created_at >= _LATELY
    return (
        sa.select(
            sa.func.count().filter(lately).label("lately"),
            sa.func.count().filter(~lately).label("before"),
        )
        .select_from(times)
        .subquery(name)
    )


def _sales() -> sa.Subquery:
    """All orders by their status, and the last ones from the sums of each day."""
    sold = GroupCount.value.in_(SOLD)
    money = sa.type_coerce(GroupCount.total, Money(20))
    ever: list[sa.Label[Any]] = [
        sa.func.sum(GroupCount.n).label("total_orders"),
        sa.func.sum(GroupCount.n).filter(sold).label("sold"),
        sa.func.sum(money).filter(sold).label("total_revenue"),
    ]
    late = DailySales.date >= _LATE_DAY
    days = [
        sa.func.sum(getattr(DailySales, name)).filter(when).label(f"{name}_{period}")
        for name in ("orders", "sold", "revenue")
        for period, when in (("lately", late), ("before", ~late))
    ]
    orders = sa.select(*map(_or_nothing, ever)).where(of_group(Order, "status")).subquery("ever")
    recent = DailySales.date >= _EARLY_DAY
    lately = sa.select(*map(_or_nothing, days)).where(recent).subquery("of_days")
    both = orders.join(lately, sa.true())
    return sa.select(*orders.c, *lately.c).select_from(both).subquery("sales")


def _or_nothing(column: sa.Label[Any]) -> sa.Label[Any]:
    """A sum of no rows is 0."""
    money = isinstance(column.type, Money)
    kind = Money(20) if money else sa.BigInteger()
    summed = sa.func.coalesce(column.element, 0)
    return (sa.type_coerce(summed, kind) if money else summed.cast(kind)).label(column.name)


def _no_sales() -> sa.Subquery:
    names = [column.name for column in _sales().c]
    return sa.select(*(ZERO.label(name) for name in names)).subquery("sales")
