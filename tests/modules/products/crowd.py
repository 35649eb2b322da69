"""Thousands of products, and how their list is read."""

from decimal import Decimal
from typing import Any

from halolight.modules.products.models import Product

MODEL = Product
PATH = "/api/products"
INDEX = "ix_products_created_at_id"
QUERIES = (
    "sortBy=name",
    "sortBy=price",
    "sortBy=stock",
    "category=light",
)


def row(number: int, reader_id: int, other_id: int) -> dict[str, Any]:
    return {
        "name": f"Product {number}",
        "category": "Light",
        "price": Decimal(number),
    }
