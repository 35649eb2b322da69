"""What an order is made of, and what follows from it: the amount and the cost."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from halolight.core.errors import Invalid
from halolight.core.i18n import Listed, _
from halolight.core.money import MOST, NOTHING
from halolight.extensions import db
from halolight.modules.products.models import Product

from .models import OrderItem


def make_items(given: Sequence[Mapping[str, Any]]) -> list[OrderItem]:
    """Items that keep the name, the price and the cost which their products have now.

    Raises `Invalid` if a product is not there.
    """
    products = _products({item["product_id"] for item in given} - {None})
    return [_make_item(item, products.get(item["product_id"])) for item in given]


def _make_item(given: Mapping[str, Any], product: Product | None) -> OrderItem:
    return OrderItem(**given) if product is None else item_of(product, **given)


def item_of(product: Product, **given: Any) -> OrderItem:
    """Some of this product, at its price unless another is given."""
    kept = {name: getattr(product, name) for name in ("name", "category", "price", "cost")}
    return OrderItem(**(kept | {"product_id": product.id} | given))


def _products(ids: set[int]) -> dict[int, Product]:
    """These products, by id; none of them can go before the order is there."""
    if not ids:
        return {}
    found = db.session.scalars(
        sa.select(Product)
        .where(Product.id.in_(ids))
        .order_by(Product.id)
        .with_for_update(read=True, key_share=True)
    )
    products = {product.id: product for product in found}
    if missing := ids - products.keys():
        raise Invalid(
            _("There are no such products: {ids}.", code="not_found", ids=Listed(sorted(missing))),
            field="items",
        )
    return products


def figures(items: Iterable[OrderItem], given: Mapping[str, Any]) -> dict[str, Decimal]:
    """The amount and the cost of an order of these items.

    The cost may be given; the amount may be, and has to, where there are no items.
    """
    items = list(items)
    if not items and "amount" not in given:
        raise Invalid(_("Enter the items or the amount.", code="required"), field="items")
    amount = sum((item.quantity * item.price for item in items), NOTHING)
    cost = sum((item.quantity * (item.cost or NOTHING) for item in items), NOTHING)
    found = {
        "amount": amount if items else given["amount"],
        "cost": given.get("cost", cost),
    }
    if max(found.values()) > MOST:
        raise Invalid(
            _("The total of the items is more than {max:,}.", code="too_large", max=MOST),
            field="items",
        )
    return found


def same(former: Sequence[OrderItem], items: Sequence[OrderItem]) -> bool:
    """Whether these are the items that the order has: a form sends them back as it got them."""
    return [_essence(item) for item in former] == [_essence(item) for item in items]


def _essence(item: OrderItem) -> tuple[Any, ...]:
    return (item.product_id, item.name, item.quantity, item.price)


def described(items: Iterable[OrderItem]) -> list[str]:
    """The items as the audit trail shows them."""
    return [f"{item.quantity} x {item.name} at {item.price:.2f}" for item in items]
