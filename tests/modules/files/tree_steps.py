"""What the tests of files and folders do again and again."""

import hashlib
from typing import Any

from halolight.extensions import db
from halolight.modules.files.models import Blob, File
from tests.api_client import ApiClient

Request = tuple[str, str, dict[str, Any] | None]  # method, path below the file, body

READING: list[Request] = [
    ("GET", "", None),
    ("PUT", "/favorite", {"favorite": True}),
    ("PATCH", "/favorite", None),
]
COPYING: Request = ("POST", "/copy", None)
OWNING: list[Request] = [
    ("PUT", "", {"name": "changed.txt"}),
    ("PATCH", "", {"folderId": None}),
    ("PUT", "", {}),
    ("PUT", "/rename", {"name": "changed.txt"}),
    ("PATCH", "/rename", {"name": "changed.txt"}),
    ("POST", "/move", {"folderId": None}),
    ("PUT", "/move", {"targetPath": "/"}),
    ("DELETE", "", None),
    ("DELETE", "?recursive=true", None),
    ("GET", "/shares", None),
    ("POST", "/share", {"public": True}),
    ("POST", "/revoke-share", {"shareId": 1}),
]
MISSING = 2**31 - 1  # an id that no file has
BAD_NAMES = [
    "",
    " ",
    ".",
    "..",
    "a/b",
    "a\\b",
    "a\nb",
    "x" * 256,
    5,
    None,
    "a\u2028b",
    "p\u202egnp.exe",
]


def folder(client: ApiClient, name: str, parent_id: int | None = None) -> dict[str, Any]:
    """A new folder of this client."""
    made: dict[str, Any] = client.post(
        "/api/files/folder", json={"name": name, "folderId": parent_id}
    )
    return made


def file(
    client: ApiClient, name: str = "plan.txt", parent_id: int | None = None, text: str = "text"
) -> dict[str, Any]:
    """A new file of this client, as an upload leaves it: the rows, here without the bytes."""
    checksum = hashlib.sha256(text.encode()).hexdigest()
    with client.app.app_context():
        if db.session.get(Blob, checksum) is None:
            db.session.add(
                Blob(
                    checksum=checksum,
                    storage_key=checksum,
                    size=len(text),
                    mime_type="text/plain",
                )
            )
        around = db.session.get_one(File, parent_id).path if parent_id else ""
        made = File(
            name=name,
            path=f"{around}/{name}",
            type="document",
            size=len(text),
            checksum=checksum,
            owner_id=client.user_id,
            folder_id=parent_id,
        )
        db.session.add(made)
        db.session.commit()
        file_id = made.id
    found: dict[str, Any] = client.get(f"/api/files/{file_id}")
    return found


def share(owner: ApiClient, file_id: int, **body: Any) -> list[dict[str, Any]]:
    """Share a file; all its shares."""
    shares: list[dict[str, Any]] = owner.post(f"/api/files/{file_id}/share", json=body, status=200)
    return shares


def link(owner: ApiClient, file_id: int, **body: Any) -> str:
    """The address of a new public link."""
    made = share(owner, file_id, public=True, **body)
    [url] = [each["url"] for each in made if each["url"]]
    return str(url)


def team_of(admin: ApiClient, *members: ApiClient) -> int:
    """The id of a new team with these members, and with the admin as its owner."""
    ids = [member.user_id for member in members]
    team_id: int = admin.post("/api/teams", json={"name": "Team", "memberIds": ids})["id"]
    return team_id


def names(client: ApiClient, query: str = "") -> list[str]:
    """The names that a list shows, in its order."""
    return [item["name"] for item in client.get(f"/api/files?{query}")["items"]]


def paths(client: ApiClient) -> list[str]:
    """The paths of all that this client sees, sorted."""
    return sorted(item["path"] for item in client.get("/api/files?pageSize=100")["items"])
