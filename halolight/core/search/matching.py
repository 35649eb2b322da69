"""The conditions of a search: where its terms have to be found, as each database asks its index.

Matches(Document, NAMED)  # all terms in its name
db.rows(statement, **params("quarterly plan"))
"""

import dataclasses as dc
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from .column import COLUMN
from .index import ENDING
from .tokens import ADDRESS, NAME, TEXT, terms

Terms = Sequence[str]


@dc.dataclass(frozen=True)
class Place:
    """Where a search finds its terms: behind these marks, but not all behind one of `apart`.

    It is the name of a parameter, too. Places that have no row in common are asked one after the
    other, so that the index alone says which rows have all terms in their names.
    """

    parameter: str
    marks: str
    apart: str = ""


NAMED = Place("named", NAME)
WRITTEN = Place("written", TEXT)
NAMED_OR_WRITTEN = Place("named_or_written", NAME + TEXT, apart=NAME)
NAMED_OR_ADDRESSED = Place("named_or_addressed", NAME + ADDRESS, apart=NAME)
ANYWHERE = Place("anywhere", NAME + ADDRESS + TEXT)
PLACES = (NAMED, WRITTEN, NAMED_OR_WRITTEN, NAMED_OR_ADDRESSED, ANYWHERE)


class _Query(sa.types.TypeDecorator[Terms]):
    """Terms, in the language of the database's index. No token has a sign that it reserves."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Terms | None, dialect: sa.Dialect) -> str:
        write = _tsquery if dialect.name == "postgresql" else _fts5
        return write(self.place, value or ())


def _tsquery(place: Place, found: Terms) -> str:
    def all_behind(marks: str) -> str:
        each = ("|".join(f"{mark}{term}:*" for mark in marks) for term in found)
        return "&".join(f"({alternatives})" for alternatives in each)

    return _without(place, all_behind, "{} & !({})")


def _fts5(place: Place, found: Terms) -> str:
    def all_behind(marks: str) -> str:
        each = (" OR ".join(f'"{mark}{term}" *' for mark in marks) for term in found)
        return " AND ".join(f"({alternatives})" for alternatives in each)

    return _without(place, all_behind, "({}) NOT ({})")


def _without(place: Place, all_behind: Callable[[str], str], pattern: str) -> str:
    found = all_behind(place.marks)
    return pattern.format(found, all_behind(place.apart)) if place.apart else found


class Matches(FunctionElement[bool]):
    """Whether the index has the terms of a search in this place of a row."""

    inherit_cache = True

    def __init__(self, entity: Any, place: Place) -> None:
        table = sa.inspect(entity).local_table
        asked = sa.bindparam(place.parameter, type_=_Query(place))
        super().__init__(table.c[COLUMN], table.c.id, asked)


@compiles(Matches, "postgresql")
def _postgresql(element: Matches, compiler: SQLCompiler, **kwargs: Any) -> str:
    key, _, asked = (compiler.process(each, **kwargs) for each in element.clauses)
    # In a subquery: of a value that PostgreSQL does not know yet it expects a few rows, and so asks
    # the index. Otherwise it may read the whole table for a term that many rows have.
    return f"{key} @@ (SELECT CAST({asked} AS tsquery))"


@compiles(Matches, "sqlite")
def _sqlite(element: Matches, compiler: SQLCompiler, **kwargs: Any) -> str:
    _, id_, asked = (compiler.process(each, **kwargs) for each in element.clauses)
    index = f"{element.clauses.clauses[0].table.name}{ENDING}"
    return f"{id_} IN (SELECT rowid FROM {index} WHERE {index} MATCH {asked})"  # noqa: S608


def params(search: str) -> dict[str, Terms]:
    """The parameters of the conditions; empty if there is nothing in it to look for."""
    found = terms(search)
    return {place.parameter: found for place in PLACES} if found else {}
