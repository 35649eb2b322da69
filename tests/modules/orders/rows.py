"""An order of a product for the tests of the whole API."""

from decimal import Decimal
from typing import Any

from halolight.extensions import db
from halolight.modules.orders.models import Order, OrderItem

AFTER = ("products",)


def add(known: dict[str, Any]) -> dict[str, Any]:
    amount = Decimal("99.80")
    order = Order(order_no="ORD-1999-000001", customer="Ada Berg", amount=amount)
    db.session.add(order)
    db.session.flush()
    item = OrderItem(order_id=order.id, name="Lamp", category="Light", quantity=2, price=amount / 2)
    item.product_id = known["product_id"]
    db.session.add(item)
    db.session.flush()
    return {"order_id": order.id}
