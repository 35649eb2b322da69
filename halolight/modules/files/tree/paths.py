"""Names and paths: what a file may be called, and where in a tree it then lies."""

import re
import unicodedata
from collections.abc import Collection
from itertools import count

import marshmallow as ma

from halolight.core.errors import Invalid
from halolight.core.i18n import _
from halolight.core.text import MAX_MARKS, fold, has_long_run_of_marks, is_blank, nfc

from ..models import MAX_NAME, MAX_PATH

ROOT = "/"
# Characters that turn the order of others around: `photo[RLO]gnp.exe` would read `photoexe.png`.
DIRECTION_MARKS = frozenset("\u200e\u200f\u061c")  # which other lines may have
DIRECTIONS = DIRECTION_MARKS | frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INVISIBLE = frozenset({"Cc", "Cs", "Zl", "Zp"})  # Unicode's control characters and line ends
# Of Windows, which takes no file that is called like one, whatever its ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:\\", re.IGNORECASE)
MAX_ENDING = 20  # characters after the last dot; more are no ending
MAX_LEVELS = 50  # more than people make, and less than what writes the JSON of a tree can nest


def validate_name(name: str) -> None:
    """One part of a path and nothing that has a meaning in one. The field checks the rest."""
    if name in {".", ".."} or "/" in name or "\\" in name:
        raise ma.ValidationError(
            _(
                "Use a name without slashes or backslashes, other than “.” and “..”.",
                code="invalid_characters",
            )
        )
    if not DIRECTION_MARKS.isdisjoint(name):
        raise ma.ValidationError(
            _("Remove the characters that change the text direction.", code="invalid_characters")
        )


def portable_name(name: str) -> str:
    """The name as it can be kept on every system: Windows knows no dots and spaces at an end.

    Of a whole path of Windows (`C:\\fakepath\\photo.jpg`, says a browser) it is the last part.
    """
    last = name.rpartition("\\")[2] if _DRIVE.match(name) else name
    kept = last.rstrip(" .") or last
    return f"_{kept}" if _DEVICE.match(kept) else kept


def clean_name(name: str) -> str:
    """What is kept of the name that an upload brings: no folders, nothing that no eye can see."""
    if has_long_run_of_marks(name):
        raise Invalid(
            _(
                "Use at most {max} combining marks in a row.",
                code="invalid_characters",
                max=MAX_MARKS,
            ),
            field="file",
        )
    base = re.split(r"[/\\]", nfc(name))[-1]
    seen = (c for c in base if unicodedata.category(c) not in INVISIBLE and c not in DIRECTIONS)
    cleaned = portable_name("".join(seen).strip())
    if is_blank(cleaned) or cleaned in {".", ".."}:
        raise Invalid(_("The file needs a name.", code="empty"), field="file")
    if len(cleaned) > MAX_NAME:
        raise Invalid(
            _("The name can have at most {max} characters.", code="too_long", max=MAX_NAME),
            field="file",
        )
    return cleaned


def check_path(length: int, levels: int) -> None:
    """Refuse (400) what would have too long a path or lie too deep."""
    if length > MAX_PATH:
        raise Invalid(
            _("The path would have more than {max} characters.", code="too_long", max=MAX_PATH),
            field="name",
        )
    if levels > MAX_LEVELS:
        raise Invalid(
            _("Folders can be at most {max} levels deep.", code="too_long", max=MAX_LEVELS),
            field="name",
        )


def tidy(path: str) -> str:
    """`Projects/2026/` -> `/Projects/2026`; the root is `/`."""
    return ROOT + "/".join(part for part in path.split("/") if part)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, or the first of `plan (1).pdf`, `plan (2).pdf`, ... whose folded form is free."""
    if fold(name) not in taken:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > MAX_ENDING:
        stem, dot, ending = name, "", ""
    rests = (f" ({number}){dot}{ending}" for number in count(1))
    names = (stem[: MAX_NAME - len(rest)] + rest for rest in rests)
    return next(each for each in names if fold(each) not in taken)
