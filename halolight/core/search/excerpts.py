"""Excerpts: the part of a text that shows why a search has found it.

    excerpt("The quarterly plan", ("plan",)) == [("The quarterly ", False), ("plan", True)]

They are plain text in segments, so that nobody has to take HTML apart, or to count characters as
another language does.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from halolight.core.text import fold, folded_with_origins
from halolight.core.threads import cooperate

from .tokens import MAX_TOKEN, matches

LENGTH = 160  # characters of an excerpt
BEFORE = 40  # characters of it before the first match
PIECE = 400  # characters that are looked through at once
MOST_FOLDED = 40_000  # characters that are looked through; some fold to eighteen

_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"[\s\u3000-\u303f\u4e00-\u9fff]")  # where a text may be taken apart

Span = tuple[int, int]


class Segment(NamedTuple):
    """A part of a text, and whether it is what was searched for."""

    text: str
    match: bool


def highlight(name: str, terms: Sequence[str]) -> list[Segment]:
    """The whole of a name or an address, in which terms are found anywhere in a word."""
    return list(_segments(name, _spans(name, terms, _anywhere)))


def excerpt(text: str, terms: Sequence[str]) -> list[Segment]:
    """About `LENGTH` characters of a text around its first match, or from its beginning."""
    place = _first_place(text, terms)
    start = _beginning(text, place)
    shown = text[start : start + LENGTH]
    segments = list(_segments(shown, _spans(shown, terms, _at_the_beginning)))
    if start:
        segments.insert(0, Segment("…", False))
    if start + LENGTH < len(text):
        segments.append(Segment("…", False))
    return _joined(segments)


def _first_place(text: str, terms: Sequence[str]) -> int:
    """Where the first match begins; 0 if there is none."""
    looked_through = 0
    for start, end in _pieces(text):
        folded = fold(text[start:end])
        looked_through += len(folded)
        # To take it apart for every term takes twenty times as long.
        if any(term in folded for term in terms) and next(
            _found(folded, terms, _at_the_beginning), None
        ):
            spans = _spans(text[start:end], terms, _at_the_beginning)
            return start + (spans[0][0] if spans else 0)
        if looked_through > MOST_FOLDED:
            break
        cooperate()
    return 0


def _pieces(text: str) -> Iterator[Span]:
    """The text taken apart between words, each part with the beginning of the next.

    Else a pair of characters could be in none of them.
    """
    start = 0
    while start < len(text):
        found = _BREAK.search(text, start + PIECE, start + 2 * PIECE)
        end = found.start() if found else start + 2 * PIECE
        yield start, end + MAX_TOKEN
        start = end


def _beginning(text: str, place: int) -> int:
    """Where the excerpt of a match begins: between words, and with as much text as there is."""
    start = max(0, min(place - BEFORE, len(text) - LENGTH))
    found = _BREAK.search(text, start, place) if start else None
    return found.start() if found else start


def _spans(text: str, terms: Sequence[str], look: "Look") -> list[Span]:
    """The parts of the text, as it is written, that the terms find."""
    folded, origins = folded_with_origins(text)
    found = sorted(
        (origins[start][0], origins[end - 1][1]) for start, end in _found(folded, terms, look)
    )
    merged: list[Span] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


Look = Callable[[str, str], Iterable[int]]


def _at_the_beginning(word: str, term: str) -> Iterable[int]:
    return (0,) if word.startswith(term) else ()


def _anywhere(word: str, term: str) -> Iterator[int]:
    place = word.find(term)
    while place >= 0:
        yield place
        place = word.find(term, place + 1)


def _found(folded: str, terms: Sequence[str], look: Look) -> Iterator[Span]:
    """Where the terms are in a folded text: pairs of characters anywhere in their run."""
    for match in matches(folded):
        looking = _anywhere if match.lastgroup == "run" else look
        for term in terms:
            for place in looking(match[0], term):
                start = match.start() + place
                yield start, start + len(term)


def _segments(text: str, spans: Sequence[Span]) -> Iterator[Segment]:
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    for number, (start, end) in enumerate(pairwise(edges)):
        if start < end:
            yield Segment(_SPACE.sub(" ", text[start:end]), number % 2 == 1)


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbours of one kind as one segment."""
    joined: list[Segment] = []
    for segment in segments:
        if joined and joined[-1].match == segment.match:
            joined[-1] = Segment(joined[-1].text + segment.text, segment.match)
        else:
            joined.append(segment)
    return joined
