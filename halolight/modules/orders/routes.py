"""Orders: what customers buy."""

from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of

from . import service
from .schemas import OrderInput, OrderQuery, OrderSchema, OrderUpdate

blp = Blueprint(
    "orders",
    __name__,
    url_prefix="/api/orders",
    description="Orders, the source of the sales figures",
)


@blp.get("")
@blp.require("orders:view")
@blp.arguments(OrderQuery, location="query")
@blp.response(200, page_of(OrderSchema))
def list_orders(query: dict[str, Any]) -> Page:
    """List orders

    Everybody's: an order belongs to no user.
    """
    return service.list_orders(current_user(), query)


@blp.get("/<int:order_id>")
@blp.require("orders:view")
@blp.response(200, OrderSchema)
@blp.fails(404)
def get_order(order_id: int) -> dict[str, Any]:
    """Get an order"""
    return service.get_order(current_user(), order_id)


@blp.post("")
@blp.require("orders:create")
@blp.arguments(OrderInput)
@blp.response(201, OrderSchema, message=_("Order created"))
def create_order(data: dict[str, Any]) -> dict[str, Any]:
    """Create an order

    It gets a number. The items keep the name and the price that their products have now, unless a
    price is given; the amount is their sum. An order without items has an amount instead.
    """
    return service.create_order(current_user(), data)


@blp.put_or_patch("/<int:order_id>")
@blp.require("orders:update")
@blp.arguments(OrderUpdate)
@blp.response(200, OrderSchema, message=_("Order updated"))
@blp.fails(404, 409)
def update_order(changes: dict[str, Any], order_id: int) -> dict[str, Any]:
    """Update an order

    Changes only the fields in the body; items are replaced as a whole. A pending order becomes
    paid, a paid one shipped, and either can be cancelled; any other step is a conflict, and so is a
    change of items, amount or cost when the order is no longer pending.
    """
    return service.update_order(current_user(), order_id, changes)


@blp.delete("/<int:order_id>")
@blp.require("orders:delete")
@blp.response(200, message=_("Order deleted"))
@blp.fails(404)
def delete_order(order_id: int) -> None:
    """Delete an order

    Its number is not used again.
    """
    service.delete_order(current_user(), order_id)
