"""Tokens: what the index of a text holds, and what a search looks for in it.

They are made here, in Python, from folded text (`core.text.fold`), because databases split texts
each in their own way. A search finds the tokens that begin with one of its terms:

- a word of letters and digits by its beginning;
- a word of a name or an address anywhere in it: all its endings are tokens, too;
- what is written without spaces (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) by any two
  characters: all pairs are tokens, and the last character by itself;
- an emoji or another symbol by itself. ASCII has none: its signs only separate.
"""

import dataclasses as dc
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from halolight.core.text import fold
from halolight.core.threads import cooperate

# Marks before each token that say where it was found. They are letters, so that every tokenizer
# takes them for a part of the word.
NAME, ADDRESS, TEXT = "n", "a", "t"

MAX_TOKEN = 40  # characters of a word that count
MAX_NAME = 1000  # characters of a name, folded, in which is searched
MAX_TEXT = 200_000  # characters of a long text in which is searched; tsvector holds 1 MB
MAX_TOKENS = 10_000  # different tokens of a long text
MAX_TERMS = 20  # of a search; further ones are ignored
BATCH = 500  # words between two yields to the event loop

_WITHOUT_SPACES = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece"  # Thai, Lao
    "\u1000-\u103f\u1050-\u108f\u109a-\u109d\uaa60-\uaa76\uaa7a-\uaa7f"  # Burmese
    "\u1780-\u17d3"  # Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003fffd"  # Chinese
    "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\U0001b000-\U0001b16f"  # Japanese
    "\u3105-\u312f\u31a0-\u31bf"  # Bopomofo
    "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7fb"  # Korean
)
_LAST_SYMBOL = 0x1FBFF


def _ranges(categories: str, last: int) -> str:
    """The characters above ASCII of these general categories, as the inside of a class."""
    found: list[list[int]] = []
    for point in range(0x80, last + 1):
        if unicodedata.category(chr(point)) in categories:
            if found and found[-1][1] == point - 1:
                found[-1][1] = point
            else:
                found.append([point, point])
    return "".join(f"{chr(first)}-{chr(end)}" for first, end in found)


# The marks of Devanagari and others, which folding leaves, belong to the word before them.
_MARKS = _ranges("Mn Mc Me", 0x1E94A)
_LETTER = rf"[^\W_{_WITHOUT_SPACES}]"
_ASCII = re.compile("(?P<word>[a-z0-9]+)")
_ALL = re.compile(
    rf"(?P<word>{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*)|(?P<run>[{_WITHOUT_SPACES}]+)"
    rf"|(?P<symbol>[{_ranges('So Sm Sc Sk', _LAST_SYMBOL)}])"
)


@dc.dataclass(frozen=True)
class Sources:
    """The names of the columns of a table in which is searched."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.names, *self.addresses, *self.texts)

    def key(self, values: dict[str, str | None]) -> str | None:
        """The tokens of a row with these values, with spaces between them; None without any."""
        tokens: dict[str, None] = {}
        for mark, columns in ((NAME, self.names), (ADDRESS, self.addresses)):
            for column in columns:
                tokens.update(dict.fromkeys(mark + t for t in of_name(values[column] or "")))
        for column in self.texts:
            tokens.update(dict.fromkeys(TEXT + t for t in of_text(values[column] or "")))
        return " ".join(tokens) or None


def matches(folded: str) -> Iterator[re.Match[str]]:
    """The words, runs without spaces and symbols of a folded text; its group says which."""
    found = (_ASCII if folded.isascii() else _ALL).finditer(folded)
    while batch := list(islice(found, BATCH)):
        yield from batch
        cooperate()


def of_text(text: str) -> Iterable[str]:
    """The tokens of a long text, at most `MAX_TOKENS` of them: the first."""
    folded = fold(text[:MAX_TEXT])[:MAX_TEXT]
    found: dict[str, None] = {}
    for match in matches(folded):
        if match.lastgroup == "run":
            found.update(dict.fromkeys(_pairs(match[0])))
        else:
            found[match[0][:MAX_TOKEN]] = None
        if len(found) >= MAX_TOKENS:
            break
    return list(found)[:MAX_TOKENS]


def of_name(name: str) -> Iterable[str]:
    """The tokens of a name or an address, in which a search finds a word anywhere."""
    found: dict[str, None] = {}
    for match in matches(fold(name[:MAX_NAME])[:MAX_NAME]):
        word = match[0]
        if match.lastgroup == "word":
            found.update((word[start : start + MAX_TOKEN], None) for start in range(len(word)))
        else:
            found.update(dict.fromkeys(_pairs(word)))
    return found


def terms(search: str) -> tuple[str, ...]:
    """What a search looks for. Each has to be found, as the beginning of a token."""
    found: dict[str, None] = {}
    for match in matches(fold(search)):
        if match.lastgroup == "run" and len(match[0]) > 1:
            found.update(dict.fromkeys(_pairs(match[0])[:-1]))
        else:
            found[match[0][:MAX_TOKEN]] = None
    return tuple(islice(found, MAX_TERMS))


def _pairs(run: str) -> list[str]:
    """All pairs of characters, and the last one, so that each begins a token."""
    return [run[start : start + 2] for start in range(len(run))]
