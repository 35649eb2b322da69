"""Thousands of orders, and how their list is read."""

from decimal import Decimal
from typing import Any

from halolight.modules.orders.models import Order

MODEL = Order
PATH = "/api/orders"
INDEX = "ix_orders_created_at_id"
QUERIES = (
    "sortBy=amount",
    "sortBy=orderNo",
    "status=pending",
    "from=2026-01-01&sortOrder=asc",
)


def row(number: int, reader_id: int, other_id: int) -> dict[str, Any]:
    return {
        "order_no": f"ORD-{number}",
        "customer": f"Customer {number}",
        "amount": Decimal(number),
    }
