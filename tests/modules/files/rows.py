"""A file, with bytes that are stored, for the tests of the whole API."""

import hashlib
from typing import Any

from halolight.core import storage
from halolight.core.access import CurrentUser
from halolight.extensions import db
from halolight.modules.files import blobs, signing
from halolight.modules.files.models import Blob, File

BYTES = b"not really a picture"


def add(known: dict[str, Any]) -> dict[str, Any]:
    checksum = hashlib.sha256(BYTES).hexdigest()
    store(checksum)
    store(blobs.thumbnail_key(checksum))
    of_it = {"checksum": checksum, "size": len(BYTES)}
    db.session.add(Blob(**of_it, mime_type="image/png", has_thumbnail=True))
    db.session.flush()
    file = File(
        **of_it, name="photo.png", path="/photo.png", type="image", owner_id=known["owner_id"]
    )
    db.session.add(file)
    db.session.flush()
    db.session.commit()  # the ticket is made of what others see, too
    owner = CurrentUser(known["owner_id"], "", "", frozenset({"files:view"}), 0)
    return {"file_id": file.id, "ticket": signing.make_ticket(owner, file.id)[0]}


def store(key: str) -> None:
    incoming = storage.current().receive()
    incoming.write(BYTES)
    incoming.complete()
    storage.current().publish(incoming, key)
    incoming.discard()
