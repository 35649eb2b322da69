"""Small pictures of images, and the refusal of what is far larger unpacked than it looks."""

import logging
import struct
import zipfile
from typing import BinaryIO

from halolight.core.errors import Invalid

from . import bounds, sniffing
from .signatures import ZIP

log = logging.getLogger(__name__)

THUMBNAIL_TYPE = "image/webp"
MAX_SOURCE = 50 * 1024**2  # bytes of an image; some readers hold all of it in memory
MAX_UNPACKED = 1024**3  # bytes of a zip that is no bomb, however well it is packed
MAX_DIRECTORY = 4 * 1024**2  # bytes of a zip's list of names; a longer one is not read

_END_OF_ZIP = struct.Struct("<4s4H2LH")
_LONGEST_END = _END_OF_ZIP.size + 0xFFFF  # with a comment


def worth_examining(size: int, mime: str) -> bool:
    """Whether `examine` finds out more than the type that is given."""
    return mime == ZIP or (mime in bounds.FORMATS and size <= MAX_SOURCE)


def examine(file: BinaryIO, size: int, mime: str) -> tuple[str, bytes | None]:
    """The type of a file after a closer look, and its small picture where it has one.

    Raises `Invalid` for a bomb. It takes CPU and memory: see `examining`.
    """
    file.seek(0)
    if mime == ZIP:
        return _of_zip(file, size), None
    from . import pictures  # Pillow, which no worker needs: they examine in a process of its own

    return mime, pictures.small_picture(file, size, mime)


def needed_tail(size: int, mime: str) -> int:
    """How many of the last bytes of a file `examine` reads; of all files also the first ones."""
    if mime == ZIP:
        return min(size, MAX_DIRECTORY + _LONGEST_END)
    return size if mime in bounds.FORMATS and size <= MAX_SOURCE else 0


def _of_zip(file: BinaryIO, size: int) -> str:
    if not 0 < _directory_size(file, size) <= MAX_DIRECTORY:
        return ZIP
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MAX_UNPACKED and unpacked > size * bounds.MAX_RATIO:
                raise Invalid(bounds.BOMB, field="file")
            first = b""
            if entries and entries[0].filename == "mimetype" and entries[0].file_size < bounds.SIDE:
                first = archive.read(entries[0])
            return sniffing.of_zip([entry.filename for entry in entries], first)
    except Invalid:
        raise
    except Exception as error:  # a zip that is none, or is encrypted
        log.info("a zip that cannot be read: %s", error)
        return ZIP


def _directory_size(file: BinaryIO, size: int) -> int:
    """How long the list of a zip's names is, as its end says; 0 when it has none."""
    file.seek(max(0, size - _LONGEST_END))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    file.seek(0)
    if at < 0 or len(tail) < at + _END_OF_ZIP.size:
        return 0
    return int(_END_OF_ZIP.unpack_from(tail, at)[5])
