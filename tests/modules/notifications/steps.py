"""What the tests of notifications do again and again."""

from collections.abc import Sequence
from typing import Any

from flask import Flask

from halolight.extensions import db
from halolight.modules.notifications.sending import notify
from tests.api_client import ApiClient

MISSING = 2**31 - 1  # an id that no notification has


def tell(app: Flask, *user_ids: int, title: str = "Hello", **said: Any) -> None:
    """Tell these users something, as a module does."""
    with app.app_context():
        notify(user_ids, **{"kind": "system", "title": title, **said})
        db.session.commit()


def told(client: ApiClient, query: str = "") -> list[dict[str, Any]]:
    """What a list shows, in its order."""
    items: list[dict[str, Any]] = client.get(f"/api/notifications?{query}")["items"]
    return items


def titles(client: ApiClient, query: str = "") -> list[str]:
    return [item["title"] for item in told(client, query)]


def unread(client: ApiClient) -> int:
    count: int = client.get("/api/notifications/unread-count")["count"]
    return count


def read(client: ApiClient, notification: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = client.put(f"/api/notifications/{notification['id']}/read")
    return answer


def send(client: ApiClient, *, status: int = 201, **body: Any) -> Any:
    body = {"title": "Maintenance", **body}
    return client.post("/api/notifications", json=body, status=status)


def fields_of(error: dict[str, Any]) -> Sequence[str]:
    return [detail["field"] for detail in error["details"]]
