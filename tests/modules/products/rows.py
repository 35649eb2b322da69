"""A product for the tests of the whole API."""

from decimal import Decimal
from typing import Any

from halolight.extensions import db
from halolight.modules.products.models import Product


def add(known: dict[str, Any]) -> dict[str, Any]:
    product = Product(name="Lamp", category="Light", price=Decimal("49.90"), cost=Decimal("20.00"))
    db.session.add(product)
    db.session.flush()
    return {"product_id": product.id}
