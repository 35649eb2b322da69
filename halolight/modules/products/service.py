"""What can be done with products. Each change is one transaction."""

from collections.abc import Mapping
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.errors import NotFound
from halolight.core.listing import EVERYTHING, Page
from halolight.core.ownership import Owned
from halolight.core.reads import Row
from halolight.extensions import db
from halolight.modules.audit import trail

from . import queries
from .models import Product

OWNED = Owned(db, Product, "Product")


def list_products(query: Mapping[str, Any]) -> Page:
    return queries.PRODUCTS.page(query)


def get_product(product_id: int) -> Row:
    row = db.row(queries.ONE_PRODUCT, id=product_id)
    if row is None:
        raise NotFound(OWNED.not_found)
    return row


def create_product(user: CurrentUser, data: dict[str, Any]) -> Row:
    product = Product(**data)
    db.session.add(product)
    trail.record(user, "products.create", product)
    db.session.commit()
    return get_product(product.id)


def update_product(user: CurrentUser, product_id: int, changes: dict[str, Any]) -> Row:
    """Change what is sent. Orders keep the name and the price that they were made with."""
    product = _lock(product_id)
    product.update(changes)
    trail.record(user, "products.update", product)
    db.session.commit()
    return get_product(product_id)


def delete_product(user: CurrentUser, product_id: int) -> None:
    """Delete it. Orders of it stay as they are."""
    product = _lock(product_id)
    db.session.delete(product)
    trail.record(user, "products.delete", product)
    db.session.commit()


def _lock(product_id: int) -> Product:
    product: Product
    [product] = OWNED.lock([product_id], EVERYTHING, EVERYTHING, {})
    return product
