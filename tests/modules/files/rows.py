"""A file in a folder, with all that belongs to it, for the tests of the whole API."""

import hashlib
from typing import Any

from flask import current_app

from halolight.core.access import CurrentUser
from halolight.core.storage import stores
from halolight.extensions import db
from halolight.modules.files.content import blobs, signed_urls
from halolight.modules.files.models import Blob, File, FileFavorite, FileShare

AFTER = ("teams",)

TEXT = b"text"  # though it says that it has a picture, whose bytes are the same
CHECKSUM = hashlib.sha256(TEXT).hexdigest()
TOKEN = "the-token-of-a-link"


def add(known: dict[str, Any]) -> dict[str, Any]:
    owner_id = known["owner_id"]
    of_text = {"checksum": CHECKSUM, "size": len(TEXT)}
    of_bytes = {"storage_key": CHECKSUM, "mime_type": "text/plain", "has_thumbnail": True}
    if db.session.get(Blob, CHECKSUM) is None:
        db.session.add(Blob(**of_text, **of_bytes))
    for key in (CHECKSUM, blobs.thumbnail_key(CHECKSUM)):
        store(key)
    folder = File(name="Projects", path="/Projects", type="folder", owner_id=owner_id)
    db.session.add(folder)
    db.session.flush()
    file = File(
        name="plan.txt",
        path="/Projects/plan.txt",
        type="document",
        **of_text,
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
    db.session.commit()  # the ticket is made of what others see, too
    owner = CurrentUser(owner_id, "", "", frozenset({"files:view"}), 0)
    ticket, _ = signed_urls.sign_url(owner, file.id)
    secret = current_app.config["JWT_SECRET_KEY"]
    thumbnail = signed_urls.sign_thumbnail(secret, owner_id, file.id)
    signed = thumbnail.partition("=")[2]
    return {"folder_id": folder.id, "token": TOKEN, "ticket": ticket, "signed": signed, **of_it}


def store(key: str) -> None:
    """Have the bytes lie under this key."""
    incoming = stores.current().receive(key)
    incoming.write(TEXT)
    incoming.complete()
    incoming.keep()
    incoming.discard()
