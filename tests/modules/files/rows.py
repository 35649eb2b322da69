"""A file in a folder, with all that belongs to it, for the tests of the whole API."""

import hashlib
from typing import Any

from halolight.extensions import db
from halolight.modules.files.models import Blob, File, FileFavorite, FileShare

TEXT = b"text"
CHECKSUM = hashlib.sha256(TEXT).hexdigest()
TOKEN = "the-token-of-a-link"


def add(known: dict[str, Any]) -> dict[str, Any]:
    owner_id = known["owner_id"]
    if db.session.get(Blob, CHECKSUM) is None:
        db.session.add(Blob(checksum=CHECKSUM, size=len(TEXT), mime_type="text/plain"))
    folder = File(name="Projects", path="/Projects", type="folder", owner_id=owner_id)
    db.session.add(folder)
    db.session.flush()
    file = File(
        name="plan.txt",
        path="/Projects/plan.txt",
        type="document",
        size=len(TEXT),
        checksum=CHECKSUM,
        owner_id=owner_id,
        folder_id=folder.id,
    )
    db.session.add(file)
    db.session.flush()
    of_it = {"file_id": file.id}
    db.session.add_all(
        [
            FileFavorite(**of_it, user_id=owner_id),
            FileShare(**of_it, user_id=known["user_id"]),
            FileShare(**of_it, team_id=known["team_id"]),
            FileShare(**of_it, token_hash=hashlib.sha256(TOKEN.encode()).hexdigest()),
        ]
    )
    db.session.flush()
    return {"folder_id": folder.id, "token": TOKEN, **of_it}
