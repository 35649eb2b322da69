"""What the tests of documents do again and again, and every request that names one document."""

from typing import Any

from flask import Flask

from halolight.modules.documents.service import VIEWS
from tests.api_client import ApiClient

Request = tuple[str, str, dict[str, Any] | None]  # method, path below the document, body

READING: list[Request] = [("GET", "", None), ("GET", "/versions", None)]
CHANGING: list[Request] = [
    ("PUT", "", {"title": "Changed", "content": "changed"}),
    ("PATCH", "", {"title": "Changed", "content": "changed"}),
    ("PATCH", "/rename", {"title": "Changed"}),
    ("POST", "/move", {"folder": "Changed"}),
    ("POST", "/tags", {"tags": ["changed"]}),
    ("POST", "/versions/1/restore", None),
]
OWNING: list[Request] = [
    ("DELETE", "", None),
    ("GET", "/shares", None),
    ("POST", "/share", {"userIds": [1]}),
    ("POST", "/unshare", None),
]
MISSING = 2**31 - 1  # an id that no document has


def write(client: ApiClient, title: str = "Plan", **fields: Any) -> dict[str, Any]:
    """A new document of this client."""
    document: dict[str, Any] = client.post("/api/documents", json={"title": title, **fields})
    return document


def share(owner: ApiClient, document_id: int, **body: Any) -> list[dict[str, Any]]:
    """Share a document; all its shares."""
    shares: list[dict[str, Any]] = owner.post(
        f"/api/documents/{document_id}/share", json=body, status=200
    )
    return shares


def team_of(admin: ApiClient, *members: ApiClient) -> int:
    """The id of a new team with these members, and with the admin as its owner."""
    ids = [member.user_id for member in members]
    team_id: int = admin.post("/api/teams", json={"name": "Team", "memberIds": ids})["id"]
    return team_id


def titles(client: ApiClient, query: str = "") -> list[str]:
    """The titles that a list shows, in its order."""
    return [item["title"] for item in client.get(f"/api/documents?{query}")["items"]]


def state(owner: ApiClient, document_id: int) -> tuple[Any, Any, Any]:
    """All there is to see of a document, its versions and its shares."""
    path = f"/api/documents/{document_id}"
    return owner.get(path), owner.get(f"{path}/versions"), owner.get(f"{path}/shares")


def count_views(app: Flask) -> None:
    """Write the views that have gathered, as the background would."""
    with app.app_context():
        VIEWS.flush()
