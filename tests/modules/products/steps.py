"""What the tests of products do again and again."""

from typing import Any

from tests.api_client import ApiClient


def offer(client: ApiClient, name: str = "Lamp", **fields: Any) -> dict[str, Any]:
    """A new product."""
    body = {"name": name, "category": "Light", "price": 49.9, **fields}
    product: dict[str, Any] = client.post("/api/products", json=body)
    return product


def names(client: ApiClient, query: str = "") -> list[str]:
    """The names that a list shows, in its order."""
    return [item["name"] for item in client.get(f"/api/products?{query}")["items"]]
