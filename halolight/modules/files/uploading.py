"""Uploads: from bytes that have arrived to a file that everybody who may sees. One transaction."""

import re
import unicodedata

import sqlalchemy as sa
from flask import current_app

from halolight.core import storage
from halolight.core.access import CurrentUser
from halolight.core.errors import Conflict, Invalid
from halolight.core.offload import offload_to
from halolight.core.reads import Row
from halolight.core.storage import Incoming
from halolight.core.uploads import Upload
from halolight.extensions import db
from halolight.modules.audit import trail

from . import blobs, service, sniffing, thumbnails, usage
from .models import FOLDER, MAX_NAME, MAX_PATH, File

# Characters that turn the order of others around: `photo[RLO]gnp.exe` would read `photoexe.png`.
DIRECTIONS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INVISIBLE = frozenset({"Cc", "Cs", "Zl", "Zp"})  # Unicode's control characters and line ends
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)  # of Windows


def clean_name(name: str) -> str:
    """What is kept of the name that a sender gives: no folders, nothing that no eye can see."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = (c for c in base if unicodedata.category(c) not in INVISIBLE and c not in DIRECTIONS)
    cleaned = "".join(seen).strip().rstrip(" .")
    if not cleaned:
        raise Invalid("The file needs a name", field="file")
    if len(cleaned) > MAX_NAME:
        raise Invalid(f"The name is longer than {MAX_NAME} characters", field="file")
    return f"_{cleaned}" if _DEVICE.match(cleaned) else cleaned


def acceptable_size(user: CurrentUser) -> tuple[int, str | None]:
    """How many bytes may come in now, and why not more, where that is for lack of room.

    Who manages files may put them into folders of others, whose room counts then: it is only
    looked at when the folder is known.
    """
    largest: int = current_app.config["MAX_UPLOAD_SIZE"]
    if user.can("files:manage") or (room := usage.room(user.id)) >= largest:
        return largest, None
    return room, usage.FULL


def upload_file(
    user: CurrentUser, upload: Upload, *, path: str | None = None, folder_id: int | None = None
) -> Row:
    """Add the file that has come in, to the top of one's own files or to a folder.

    Everything slow is done before the transaction. In it the locks are taken in this order: the
    owner, the folder, the blob.
    """
    name = clean_name(upload.name)
    mime = sniffing.mime_type(upload.head)
    mime, picture = offload_to(
        "pictures", thumbnails.examine, upload.incoming.file, upload.size, mime
    )
    thumbnail = _incoming(picture) if picture else None
    try:
        file = File(
            name=name, type=sniffing.type_of(mime), size=upload.size, checksum=upload.checksum
        )
        _place(user, file, path, folder_id)
        blobs.hold(upload.checksum, upload.size, mime)
        _add(file)
        blobs.publish(upload, thumbnail)
        trail.record(user, "files.create", file)
        db.session.commit()
    finally:
        if thumbnail:
            thumbnail.discard()
    return service.get_file(user, file.id)


def _incoming(data: bytes) -> Incoming:
    incoming = storage.current().receive()
    incoming.write(data)
    incoming.complete()
    return incoming


def _place(user: CurrentUser, file: File, path: str | None, folder_id: int | None) -> None:
    """Decide whose the file is and where it lies; that place stays until the transaction ends."""
    field = "folderId" if folder_id is not None else "path"
    folder = _find_folder(user, path, folder_id, field)
    file.owner_id = folder.owner_id if folder else user.id
    usage.claim(file.owner_id, file.size)
    inside = ""
    if folder:
        # Again, and locked: a folder that is moved, renamed or deleted now would leave us behind.
        where = sa.select(File.path).filter_by(id=folder.id, type=FOLDER, owner_id=folder.owner_id)
        inside = db.session.scalar(where.with_for_update(read=True)) or ""
        if not inside:
            raise Invalid("There is no such folder", field=field)
        file.folder_id = folder.id
    file.path = f"{inside}/{file.name}"
    if len(file.path) > MAX_PATH:
        raise Invalid(f"The path is longer than {MAX_PATH} characters", field="file")


def _find_folder(
    user: CurrentUser, path: str | None, folder_id: int | None, field: str
) -> File | None:
    """The folder that is named: one's own, or anybody's for who manages files. None for the top."""
    wanted = sa.select(File).where(File.type == FOLDER)
    if folder_id is not None:
        wanted = wanted.where(File.id == folder_id)
        if not user.can("files:manage"):
            wanted = wanted.where(File.owner_id == user.id)
    elif path and path.strip("/"):
        wanted = wanted.where(File.owner_id == user.id, File.path == f"/{path.strip('/')}")
    else:
        return None
    folder = db.session.scalar(wanted)
    if folder is None:
        raise Invalid("There is no such folder", field=field)
    return folder


def _add(file: File) -> None:
    db.session.add(file)
    try:
        db.session.flush()
    except sa.exc.IntegrityError:  # its path is unique among those of the owner
        db.session.rollback()
        raise Conflict("There is a file of this name already", field="file") from None
