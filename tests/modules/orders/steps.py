"""What the tests of orders do again and again."""

from typing import Any

from tests.api_client import ApiClient

MISSING = 2**31 - 1  # an id that no order has


def order(client: ApiClient, **fields: Any) -> dict[str, Any]:
    """A new order of this client: by an amount, unless it has items."""
    what = {} if "items" in fields else {"amount": 100}
    body = {"customer": "Ada Berg", **what, **fields}
    made: dict[str, Any] = client.post("/api/orders", json=body)
    return made


def change(client: ApiClient, made: dict[str, Any], *, status: int = 200, **fields: Any) -> Any:
    return client.put(f"/api/orders/{made['id']}", json=fields, status=status)


def customers(client: ApiClient, query: str = "") -> list[str]:
    """The customers of the orders that a list shows, in its order."""
    return [item["customer"] for item in client.get(f"/api/orders?{query}")["items"]]
