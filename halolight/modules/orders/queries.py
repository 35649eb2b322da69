"""The statements that read orders. Orders have no owner: `orders:view` shows all."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from halolight.core.db.folding import AsciiLower
from halolight.core.db.listing import Listing, contains
from halolight.core.db.reads import Row
from halolight.core.db.resource import Resource
from halolight.core.i18n import _
from halolight.extensions import db

from .models import Order, OrderItem

SUMMARY = sa.select(
    Order.id,
    Order.order_no,
    Order.customer,
    Order.amount,
    Order.cost,
    Order.status,
    Order.paid_at,
    Order.created_at,
    Order.updated_at,
)
# One row for each item, or one without an item.
ORDER = SUMMARY.add_columns(
    OrderItem.id.label("item_id"),
    OrderItem.product_id.label("item_product_id"),
    OrderItem.name.label("item_name"),
    OrderItem.quantity.label("item_quantity"),
    OrderItem.price.label("item_price"),
).outerjoin(OrderItem, OrderItem.order_id == Order.id)

ORDERS = Resource(db, Order, _("Order"), _("orders"))
ORDER_LISTING = Listing(
    db,
    Order,
    ORDER,
    {
        "search": contains("search", AsciiLower(Order.order_no), Order.customer),
        "status": Order.status == sa.bindparam("status"),
        "since": Order.created_at >= sa.bindparam("since"),
        "until": Order.created_at < sa.bindparam("until"),
    },
)


def with_items(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The orders of these rows, each with its items in the order in which they were given."""
    orders = []
    for _id, group in groupby(rows, key=attrgetter("id")):
        found = list(group)
        items = [row for row in found if row.item_id is not None]
        items.sort(key=attrgetter("item_id"))
        orders.append({**found[0]._asdict(), "items": items})
    return orders
