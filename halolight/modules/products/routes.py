"""Products: what is sold. They go with the orders, and so do their permissions."""

from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of

from . import service
from .schemas import ProductInput, ProductQuery, ProductSchema, ProductUpdate

blp = Blueprint("products", __name__, url_prefix="/api/products", description="Products")


@blp.get("")
@blp.require("orders:view")
@blp.arguments(ProductQuery, location="query")
@blp.response(200, page_of(ProductSchema))
def list_products(query: dict[str, Any]) -> Page:
    """List products"""
    return service.list_products(current_user(), query)


@blp.get("/<int:product_id>")
@blp.require("orders:view")
@blp.response(200, ProductSchema)
@blp.fails(404)
def get_product(product_id: int) -> Row:
    """Get a product"""
    return service.get_product(current_user(), product_id)


@blp.post("")
@blp.require("orders:create")
@blp.arguments(ProductInput)
@blp.response(201, ProductSchema, message=_("Product created"))
def create_product(data: dict[str, Any]) -> Row:
    """Create a product"""
    return service.create_product(current_user(), data)


@blp.put_or_patch("/<int:product_id>")
@blp.require("orders:update")
@blp.arguments(ProductUpdate)
@blp.response(200, ProductSchema, message=_("Product updated"))
@blp.fails(404)
def update_product(changes: dict[str, Any], product_id: int) -> Row:
    """Update a product

    Changes only the fields in the body. Existing orders keep the old name
    and price.
    """
    return service.update_product(current_user(), product_id, changes)


@blp.delete("/<int:product_id>")
@blp.require("orders:delete")
@blp.response(200, message=_("Product deleted"))
@blp.fails(404)
def delete_product(product_id: int) -> None:
    """Delete a product

    Existing orders do not change.
    """
    service.delete_product(current_user(), product_id)
