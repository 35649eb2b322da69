"""Small pictures of images, and the refusal of what is far larger unpacked than it looks."""

import io
import logging
import math
import struct
import zipfile
from typing import BinaryIO

from PIL import Image, ImageOps

from halolight.core.errors import Invalid
from halolight.core.i18n import _

from . import sniffing
from .signatures import ZIP

log = logging.getLogger(__name__)

BOMB = _("This file is too large when it is decompressed.", code="too_large")

SIDE = 256  # pixels at most, either way
THUMBNAIL_TYPE = "image/webp"
FORMATS = {  # the types of which we make one, and the name of their reader
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
}
MAX_PIXELS = 50_000_000  # that are decoded; a JPEG is decoded smaller
MAX_SOURCE = 50 * 1024**2  # bytes of an image; some readers hold all of it in memory
MAX_UNPACKED = 1024**3  # bytes of a zip that is no bomb, however well it is packed
MAX_RATIO = 200  # of what is unpacked to what is packed, for what is larger
MAX_DIRECTORY = 4 * 1024**2  # bytes of a zip's list of names; a longer one is not read

# Grey in more than eight bits, and what is white in it unless the picture has more.
DEEP_MODES = {"I;16": 65_535, "I;16L": 65_535, "I;16B": 65_535, "I": 65_535, "F": 1.0}

# We look at the size ourselves, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

_END_OF_ZIP = struct.Struct("<4s4H2LH")
_LONGEST_END = _END_OF_ZIP.size + 0xFFFF  # with a comment


def worth_examining(size: int, mime: str) -> bool:
    """Whether `examine` finds out more than the type that is given."""
    return mime == ZIP or (mime in FORMATS and size <= MAX_SOURCE)


def examine(file: BinaryIO, size: int, mime: str) -> tuple[str, bytes | None]:
    """The type of a file after a closer look, and its small picture where it has one.

    Raises `Invalid` for a bomb. It takes CPU and memory: see `examining`.
    """
    file.seek(0)
    if mime == ZIP:
        return _of_zip(file, size), None
    return mime, _small_picture(file, size, mime)


def needed_tail(size: int, mime: str) -> int:
    """How many of the last bytes of a file `examine` reads; of all files also the first ones."""
    if mime == ZIP:
        return min(size, MAX_DIRECTORY + _LONGEST_END)
    return size if mime in FORMATS and size <= MAX_SOURCE else 0


def _small_picture(file: BinaryIO, size: int, mime: str) -> bytes | None:
    try:
        with Image.open(file, formats=[FORMATS[mime]]) as image:
            pixels = image.width * image.height
            if pixels > MAX_PIXELS and pixels * 3 > size * MAX_RATIO:
                raise Invalid(BOMB, field="file")
            if mime == "image/jpeg":
                image.draft("RGB", (SIDE * 2, SIDE * 2))
            if image.width * image.height > MAX_PIXELS:
                return None
            return _webp(image)
    except Invalid:
        raise
    except Exception as error:  # broken in one of the many ways in which an image can be
        log.info("no thumbnail of %s: %s", mime, error)
        return None


def _webp(image: Image.Image) -> bytes:
    """The picture the right way up, with nothing of what a camera notes beside it."""
    smooth = _with_smooth_colours(image)
    smooth.thumbnail((SIDE, SIDE))
    upright = ImageOps.exif_transpose(smooth)
    picture = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    picture.info.clear()
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=80)
    return written.getvalue()


def _with_smooth_colours(image: Image.Image) -> Image.Image:
    """The image in a mode whose pixels can be mixed, with eight bits for each channel."""
    if white := DEEP_MODES.get(image.mode):
        return _in_eight_bits(image, white)
    if image.mode == "1":
        return image.convert("LA" if image.has_transparency_data else "L")
    if image.mode in {"P", "PA"}:
        image.thumbnail((SIDE * 8, SIDE * 8), Image.Resampling.NEAREST)  # it grows fourfold next
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _in_eight_bits(image: Image.Image, white: float) -> Image.Image:
    """Grey that is scaled and not clipped, which is what Pillow does. Raises ValueError."""
    if image.mode not in {"I;16", "I", "F"}:
        image = image.convert("I")
    low, high = (float(value) for value in image.getextrema())  # type: ignore[arg-type]
    if not math.isfinite(high - low):
        raise ValueError("not a number")
    if low >= 0 and high <= white:
        low, high = 0, white
    scale = 255 / (high - low or 1)
    grey = image.point(lambda value: value * scale - low * scale).convert("L")
    grey.info.pop("transparency", None)  # of another scale
    return grey


def _of_zip(file: BinaryIO, size: int) -> str:
    if not 0 < _directory_size(file, size) <= MAX_DIRECTORY:
        return ZIP
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MAX_UNPACKED and unpacked > size * MAX_RATIO:
                raise Invalid(BOMB, field="file")
            first = b""
            if entries and entries[0].filename == "mimetype" and entries[0].file_size < SIDE:
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
