"""The search of a list, with the index of its table.

    DOCUMENT_LISTING = Listing(..., {"search": indexed_search(Document, Document.title, ...)})

The index finds what has all words of the search; the texts are then asked for the search as it was
typed, with its signs. A single word needs no second look. What has no words is looked for in all
texts, without the index.
"""

from typing import Any

from halolight.core.db.listing import Search, contains
from halolight.core.db.paging import Condition
from halolight.core.text import fold

from .matching import ANYWHERE, Matches, Place, params
from .tokens import MAX_TOKEN, terms


def indexed_search(entity: Any, *texts: Any, place: Place = ANYWHERE) -> Search:
    """The filter `search` over these texts of an entity, which are those of its `search_key`."""
    return search_by(contains("search", *texts), Matches(entity, place))


def search_by(literal: Condition, indexed: Condition) -> Search:
    """The filter `search` of these conditions, for a list whose texts another table has."""
    return Search(literal, indexed, params, is_one_term)


def is_one_term(search: str) -> bool:
    """Whether the search is one term and nothing else, not even a space."""
    folded = fold(search)
    return len(folded) <= MAX_TOKEN and terms(search) == (folded,)
