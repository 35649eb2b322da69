"""Uploads: from bytes that have arrived to a file that everybody who may sees. One transaction."""

from typing import Any

from flask import current_app

from halolight.core.access import CurrentUser
from halolight.core.db.reads import Row
from halolight.core.media import examining, sniffing
from halolight.core.storage import disk
from halolight.core.storage.disk import Incoming
from halolight.core.storage.uploads import Upload
from halolight.core.units import readable_size
from halolight.extensions import db
from halolight.modules.audit import trail

from ..models import File
from ..queries import FILES
from ..service import get_file, write_named
from ..tree.paths import clean_name
from ..tree.places import Place, lock_place
from . import blobs, usage


def acceptable_size(user: CurrentUser) -> tuple[int, str]:
    """How many bytes an upload may have, and the error for a larger one.

    Who manages files may put them into folders of others, whose room counts then: it is only
    looked at when the folder is known.
    """
    largest: int = current_app.config["MAX_UPLOAD_SIZE"]
    if FILES.manages(user) or (room := usage.room(user.id)) >= largest:
        return largest, too_large(largest)
    return room, usage.FULL


def too_large(limit: int) -> str:
    """What is said of a file with more bytes than any may have."""
    return f"A file may have at most {readable_size(limit)}"


def upload_file(user: CurrentUser, upload: Upload, **where: Any) -> Row:
    """Add the received file to the root of the user's tree or to a folder.

    Everything slow is done before the transaction. In it the tree is locked first, then the blob.
    """
    with PendingFile(upload) as arrival:
        place = lock_place(user, where, user.id)
        usage.claim(place.owner_id, upload.size)
        file = arrival.add_to(place)
        trail.record(user, "files.create", file)
        db.session.commit()
    return get_file(user, file.id)


class PendingFile:
    """Bytes that have come, looked at: what they are, and their small picture if they are one."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._name = clean_name(upload.name)
        mime = sniffing.mime_type(upload.head)
        self._mime, picture = examining.examine(upload.incoming.file, upload.size, mime)
        self._thumbnail = _incoming(picture) if picture else None

    def __enter__(self) -> "PendingFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self._thumbnail:
            self._thumbnail.discard()

    def add_to(self, place: Place) -> File:
        """Add the file in a transaction that has locked the place; its bytes stay for good."""
        checksum, size = self._upload.checksum, self._upload.size
        file = File(
            name=self._name,
            path=place.path_of(self._name),
            type=sniffing.type_of(self._mime),
            size=size,
            checksum=checksum,
            owner_id=place.owner_id,
            folder_id=place.folder_id,
        )
        blobs.lock_or_insert(checksum, size, self._mime)
        write_named(file, field="file")
        blobs.publish(self._upload, self._thumbnail)
        return file


def _incoming(data: bytes) -> Incoming:
    incoming = disk.current().receive()
    try:
        incoming.write(data)
        incoming.complete()
    except BaseException:
        incoming.discard()
        raise
    return incoming
