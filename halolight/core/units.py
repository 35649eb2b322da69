"""Sizes as people read them."""

from .i18n import plural

UNITS = (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024))


def readable_size(number: int) -> str:
    """A number of bytes in the largest unit that fits: `65536` -> `64 KB`."""
    for unit, size in UNITS:
        if number >= size:
            return f"{round(number / size, 1):g} {unit}"
    return plural("{count} byte", "{count} bytes", count=number)
