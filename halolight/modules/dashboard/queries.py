"""What the dashboard reads of everything else, but for the figures at its head (see `stats`)."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from halolight.core.listing import Condition
from halolight.core.money import Money
from halolight.modules.audit.models import AuditEntry
from halolight.modules.documents.models import Document
from halolight.modules.files.models import File
from halolight.modules.orders.models import SOLD, DailySales, Order, OrderItem
from halolight.modules.orders.queries import SUMMARY
from halolight.modules.products.models import Product
from halolight.modules.roles.models import Role
from halolight.modules.users.models import User

from .models import DailyVisits
from .scopes import CALLER, IS_FILE

SINCE = sa.bindparam("since", type_=sa.Date)
SHOWN = 10  # products and orders
SHOWN_ACTIVITIES = 20

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
def pie_of_files(scope: Condition) -> sa.Select[*tuple[Any, ...]]:
    return _pie(File.type, sa.func.count(), scope, IS_FILE)


@cache
def pie_of_documents(scope: Condition) -> sa.Select[*tuple[Any, ...]]:
    return _pie(Document.type, sa.func.count(), scope)


@cache
def pie_of_users(scope: Condition) -> sa.Select[*tuple[Any, ...]]:
    pie = _pie(Role.label, sa.func.count(), scope)
    return pie.select_from(User).join(Role, Role.name == User.role)


def _pie(
    name: sa.SQLColumnExpression[Any], value: sa.ColumnElement[Any], *conditions: Condition
) -> sa.Select[*tuple[Any, ...]]:
    """The largest part first."""
    return (
        sa.select(name.label("name"), value.label("value"))
        .where(*conditions)
        .group_by(name)
        .order_by(sa.desc("value"), sa.asc("name"))
    )


PIE_OF_ORDERS = _pie(sa.func.coalesce(OrderItem.category, "Other"), _PIECES, _WAS_SOLD)
