"""Uploads: from bytes that have arrived to a file that everybody who may sees. One transaction."""

from typing import Any

from flask import current_app

from halolight.core.access import CurrentUser
from halolight.core.db.reads import Row
from halolight.core.i18n import Message, _
from halolight.core.media import examining, sniffing, thumbnails
from halolight.core.storage import stores
from halolight.core.storage.protocol import Incoming
from halolight.core.storage.uploads import Upload
from halolight.core.units import readable_size
from halolight.extensions import db
from halolight.modules.audit import trail

from ..models import File
from ..queries import FILES
from ..service import get_file, naming
from ..tree.paths import clean_name
from ..tree.places import Place, lock_place
from . import blobs, usage
from .blobs import thumbnail_key


def acceptable_size(user: CurrentUser) -> tuple[int, Message]:
    """How many bytes an upload may have, and the error for a larger one.

    Who manages files may put them into folders of others, whose room counts then: it is only
    looked at when the folder is known.
    """
    largest: int = current_app.config["MAX_UPLOAD_SIZE"]
    if FILES.manages(user) or (room := usage.room(user.id)) >= largest:
        return largest, too_large(largest)
    return room, usage.FULL


def too_large(limit: int) -> Message:
    """What is said of a file with more bytes than any may have."""
    return _("A file can have at most {size}.", size=readable_size(limit))


def upload_file(user: CurrentUser, upload: Upload, **where: Any) -> Row:
    """Add the received file to the root of the user's tree or to a folder.

    Everything slow is done before the transaction. In it the tree is locked first, then the blob.
    """
    with PendingFile(upload) as arrival:
        place = lock_place(user, where, user.id)
        usage.claim(place.owner_id, upload.size)
        id_, values = arrival.add_to(place)
        trail.record_row(user, "files.create", (File, id_), values)
        db.session.commit()
    return get_file(user, id_)


class PendingFile:
    """Bytes that have come, looked at: what they are, and their small picture if they are one.

    It stores the picture, so it takes time: make it before the transaction.
    """

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._name = clean_name(upload.name)
        told, size, key = sniffing.mime_type(upload.head), upload.size, upload.incoming.key
        with upload.incoming.view(upload.head, thumbnails.needed_tail(size, told)) as file:
            mime, picture = examining.examine(file, size, told)
        self._blob = blobs.NewBlob(upload.checksum, key, size, mime, bool(picture))
        self._incomplete = blobs.incomplete_key(self._blob)
        self._thumbnail = _stored(thumbnail_key(key), picture) if picture else None  # the last step

    def __enter__(self) -> "PendingFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self._thumbnail:
            self._thumbnail.discard()

    def add_to(self, place: Place) -> tuple[int, dict[str, Any]]:
        """Add the file in a transaction that has locked the place; its bytes stay for good.

        Returns its id, and its columns.
        """
        blob = self._blob
        values = {
            "name": self._name,
            "path": place.path_of(self._name),
            "type": sniffing.type_of(blob.mime_type),
            "size": blob.size,
            "checksum": blob.checksum,
            "owner_id": place.owner_id,
            "folder_id": place.folder_id,
        }
        needed = blobs.hold(blob, self._incomplete)
        with naming(self._name, field="file"):
            id_ = db.add_row(File, **values)
        if needed:
            self._upload.incoming.keep()
            if self._thumbnail:
                self._thumbnail.keep()
        return id_, values


def _stored(key: str, data: bytes) -> Incoming:
    incoming = stores.current().receive(key)
    try:
        incoming.write(data)
        incoming.complete()
    except BaseException:
        incoming.discard()
        raise
    return incoming
