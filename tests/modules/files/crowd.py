"""Thousands of files and folders, and how their list is read."""

from typing import Any

from halolight.modules.files.models import File

MODEL = File
PATH = "/api/files"
INDEX = "ix_files_updated_at_id"
QUERIES = (
    "sortBy=createdAt",
    "sortBy=name",
    "sortBy=size",
    "type=image",
    "sortOrder=asc",
)


def row(number: int, reader_id: int, other_id: int) -> dict[str, Any]:
    name = f"Folder {number}"
    return {"name": name, "path": f"/{name}", "type": "folder", "owner_id": reader_id}
