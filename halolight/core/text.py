"""Text: the form in which it is stored, and the form in which it is compared.

Both are computed here, in Python, for everything that comes in and for what is stored: databases
fold letters each in their own way.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .threads import cooperate

# The longest run of combining marks in the Stream-Safe Text Format (UAX #15, section 13). Python
# sorts the marks of a run in quadratic time: a run of 100,000 would take minutes.
MAX_MARKS = 30

# Where marks are, in the Unicode of today; the private and unassigned planes above have none.
_FIRST_MARK, _LAST_MARK = 0x300, 0x1E94A


def _characters(points: Iterable[int]) -> str:
    """These code points as the inside of a character class, in ranges."""
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


_COMBINING = {
    point: combining
    for point in range(_FIRST_MARK, _LAST_MARK + 1)
    if (combining := unicodedata.combining(chr(point)))
}
# What is left out of a comparison: accents, and the points of Hebrew and Arabic. Other marks make
# another letter: a virama, a nukta, a dakuten, the vowels and tones of Thai (UAX #44, table 15).
_ACCENTS = _characters(p for p, c in _COMBINING.items() if 10 <= c <= 36 or c >= 200)
# Format characters and variation selectors show nothing by themselves.
_FORMATS = (
    "\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0001-\U000e007f\U000e0100-\U000e01ef"
)
_LEFT_OUT = re.compile(f"[{_ACCENTS}{_FORMATS}]+")
_MARKS = frozenset(map(chr, _COMBINING))
PIECE = 2000  # characters that are folded at once
# ASCII and Chinese characters combine with nothing before them, so a piece may begin with one.
_BEGINNING = re.compile("[\x01-\x7f\u4e00-\u9fff]")
# A character with what combines with it; at most as many marks as it may have.
_LETTER = re.compile(f".[{_characters(_COMBINING)}{_FORMATS}]{{0,{MAX_MARKS}}}", re.DOTALL)
_LONG_RUN = re.compile(f"[{_characters(_COMBINING)}]{{{MAX_MARKS + 1},}}")

# Letters that nobody can see, in spite of their category.
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BLANK_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp", "Zs"})
_BLANK_MARKS = re.compile(f"[{_FORMATS}]+")

# Line breaks and other control characters, and what turns the order of other characters around
# (UAX #9: embeddings, overrides and isolates). `\x00` is refused everywhere, by another rule.
_NOT_IN_A_LINE = re.compile("[\x01-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def has_long_run_of_marks(text: str) -> bool:
    """Whether there are more combining marks in a row than any letter has."""
    return not text.isascii() and not _MARKS.isdisjoint(text) and bool(_LONG_RUN.search(text))


def nfc(text: str) -> str:
    """The form that text is stored in: what looks equal is equal (UAX #15, NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The form that text is compared in: without case, accents, width and invisible characters.

    A text of nothing but what is left out keeps it, so no visible text is folded to nothing.
    """
    if text.isascii():
        return text.lower()
    if has_long_run_of_marks(text):  # stored before such texts were refused
        text = _LONG_RUN.sub(lambda run: run[0][:MAX_MARKS], text)
    return "".join(map(_shown, _pieces(text))) or _caseless(text)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that fold in milliseconds, with a yield to the event loop in between."""
    start = 0
    while next_piece := _BEGINNING.search(text, start + PIECE):
        yield text[start : next_piece.start()]
        start = next_piece.start()
        cooperate()
    yield text[start:]


def _caseless(text: str) -> str:
    # The dotless i of Turkish: "I" is its capital, and folded to the other one.
    return unicodedata.normalize("NFKC", text).casefold().replace("\u0131", "i")


def _shown(text: str) -> str:
    shown = _LEFT_OUT.sub("", unicodedata.normalize("NFKD", _caseless(text)))
    # Some letters have a case only after they have been taken apart.
    return unicodedata.normalize("NFKC", shown.casefold())


def ascii_lower(text: str) -> str:
    """The text with its ASCII letters in lower case, as every database does it."""
    return text.lower() if text.isascii() else text.encode().lower().decode()


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in the text. One with a `\\0` is refused, and not blank."""
    return "\0" not in text and all(map(_is_invisible, text))


def _is_invisible(character: str) -> bool:
    return (
        unicodedata.category(character) in _BLANK_CATEGORIES
        or character in _BLANK_LETTERS
        or _BLANK_MARKS.match(character) is not None
    )


def is_one_line(text: str) -> bool:
    """Whether the text has no line breaks, no control characters and no changes of direction."""
    return _NOT_IN_A_LINE.search(text) is None


def folded_with_origins(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text folded, and where each of its characters comes from: start and end in the text.

    For short texts: letter by letter it takes fifty times as long as `fold`.
    """
    if text.isascii():
        return text.lower(), [(place, place + 1) for place in range(len(text))]
    folded, origins = [], []
    for letter in _LETTER.finditer(text):
        made = _fold_letter(letter[0])
        folded.append(made)
        origins += [letter.span()] * len(made)
    return "".join(folded), origins


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    """A character with the marks after it; nothing if it shows nothing."""
    return "" if _LEFT_OUT.fullmatch(letter) else fold(letter)
