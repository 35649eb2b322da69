"""What can be done with products. Each change is one transaction."""

from collections.abc import Mapping
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.extensions import db
from halolight.modules.audit import trail

from . import queries
from .models import Product
from .queries import PRODUCTS


def list_products(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    return PRODUCTS.page(user, queries.PRODUCT_LISTING, query)


def get_product(user: CurrentUser, product_id: int) -> Row:
    return PRODUCTS.get(user, queries.PRODUCT, product_id)


def create_product(user: CurrentUser, data: dict[str, Any]) -> Row:
    product = Product(**data)
    db.session.add(product)
    trail.record(user, "products.create", product)
    db.session.commit()
    return get_product(user, product.id)


def update_product(user: CurrentUser, product_id: int, changes: dict[str, Any]) -> Row:
    """Change a product. Existing orders keep its former name and price."""
    [product] = PRODUCTS.lock(user, [product_id], to="edit")
    product.assign(changes)
    trail.record(user, "products.update", product)
    db.session.commit()
    return get_product(user, product_id)


def delete_product(user: CurrentUser, product_id: int) -> None:
    """Delete it. Existing orders do not change."""
    [product] = PRODUCTS.lock(user, [product_id], to="delete")
    db.session.delete(product)
    trail.record(user, "products.delete", product)
    db.session.commit()
