"""Which pictures are made small, and what is too large when it is decompressed."""

from halolight.core.i18n import _

BOMB = _("This file is too large when it is decompressed.", code="too_large")

SIDE = 256  # pixels at most, either way
FORMATS = {  # the types of which we make one, and the name of their reader
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
}
MAX_PIXELS = 50_000_000  # that are decoded; a JPEG is decoded smaller
MAX_RATIO = 200  # of what is unpacked to what is packed, for what is larger
