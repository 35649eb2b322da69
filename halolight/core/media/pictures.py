"""Small pictures, drawn with Pillow."""

import io
import logging
import math
from typing import BinaryIO

from PIL import Image, ImageOps

from halolight.core.errors import Invalid

from . import bounds

log = logging.getLogger(__name__)

# Grey in more than eight bits, and what is white in it unless the picture has more.
DEEP_MODES = {"I;16": 65_535, "I;16L": 65_535, "I;16B": 65_535, "I": 65_535, "F": 1.0}

# We look at the size ourselves, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


def small_picture(file: BinaryIO, size: int, mime: str) -> bytes | None:
    """The picture as WebP; None where it is broken or too large. Raises `Invalid` for a bomb."""
    try:
        with Image.open(file, formats=[bounds.FORMATS[mime]]) as image:
            pixels = image.width * image.height
            if pixels > bounds.MAX_PIXELS and pixels * 3 > size * bounds.MAX_RATIO:
                raise Invalid(bounds.BOMB, field="file")
            if mime == "image/jpeg":
                image.draft("RGB", (bounds.SIDE * 2, bounds.SIDE * 2))
            if image.width * image.height > bounds.MAX_PIXELS:
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
    smooth.thumbnail((bounds.SIDE, bounds.SIDE))
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
        image.thumbnail(
            (bounds.SIDE * 8, bounds.SIDE * 8), Image.Resampling.NEAREST
        )  # it grows fourfold next
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
