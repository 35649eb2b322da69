"""The statement of a search, whatever it is asked for.

Each place of each kind is asked for so many rows at most, in no order. Usually that is all it has,
and the page is the newest of them. Of more, the page is read in the order of an index, where it
soon has found enough: to look at each would take a second for a frequent word of a million rows.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from halolight.core.db.listing import SECONDS
from halolight.core.db.paging import PageWindow, Scope, Statement, number
from halolight.core.db.reads import TIME_LIMIT

from .kinds import JOINED, Kind

MOST_COUNTED = 10_000  # rows that one place finds and that are counted

# A kind, and the rows of it that somebody sees.
Searched = tuple[Kind, Scope]


@lru_cache(maxsize=256)
def search(searched: tuple[Searched, ...], window: PageWindow, *, some: bool) -> Statement:
    """A page of each kind, with the number of all that are found: at least one row of each.

    With `some`, a parameter for each kind (`with_documents`) says whether it is wanted. So there
    are few statements, however many combinations people ask for.
    """
    parts = [
        _part(place, kind, scope, window, some=some) for place, (kind, scope) in enumerate(searched)
    ]
    found = sa.union_all(*parts).subquery("found")
    return (
        sa.select(found)
        .order_by(found.c.kind, found.c.rank, found.c.newest.desc(), found.c.id.desc())
        .execution_options(**{TIME_LIMIT: SECONDS})
    )


def _part(place: int, kind: Kind, scope: Scope, window: PageWindow, *, some: bool) -> Statement:
    firsts: list[Statement] = []
    counts: list[Any] = []
    for hits in _hits(kind, scope, some=some):
        found = hits.limit(number(MOST_COUNTED + 1)).cte(f"found_{kind.name}_{len(counts)}")
        count = sa.select(sa.func.count()).select_from(found).scalar_subquery()
        firsts += _firsts(hits, found, count, window)
        counts.append(count)
    merged = sa.union_all(*firsts).subquery()
    best = window.apply(_ordered(merged)).subquery()
    shown = (
        kind.item.add_columns(best.c.rank, best.c.newest)
        .join(best, best.c.id == kind.entity.id)
        .subquery()
    )
    totals = _totals(counts)
    return sa.select(number(place).label("kind"), *totals.c, *shown.c).select_from(
        totals.outerjoin(shown, sa.true())
    )


def _hits(kind: Kind, scope: Scope, *, some: bool) -> Iterator[Statement]:
    """What each place of the kind and each condition of the scope find: no row twice."""
    wanted: Sequence[Any] = (sa.bindparam(wanted_name(kind), type_=sa.Boolean),) if some else ()
    for rank, found in enumerate(kind.matching()):
        for seen in scope:
            hits = sa.select(
                kind.entity.id, kind.newest.label("newest"), number(rank).label("rank")
            ).where(*wanted, found, seen, kind.also)
            if kind.entity in JOINED:
                hits = hits.join(*JOINED[kind.entity])
            yield hits


def _firsts(hits: Statement, found: sa.CTE, count: Any, window: PageWindow) -> Iterator[Statement]:
    """The first of some hits in two ways, of which one is taken: it depends on how many."""
    most = number(MOST_COUNTED)
    id_, newest, _ = hits.selected_columns
    few = _ordered(found).where(count <= most)
    many = hits.where(count > most).order_by(newest.desc(), id_.desc())
    for statement in (few, many):
        yield sa.select(window.end(statement).subquery())


def _ordered(hits: sa.FromClause) -> Statement:
    return sa.select(hits).order_by(hits.c.rank, hits.c.newest.desc(), hits.c.id.desc())


def _totals(counts: Sequence[Any]) -> sa.Subquery:
    """The number of all that was counted, and whether that is all there is."""
    each = sa.union_all(*(sa.select(count.label("n")) for count in counts)).subquery()
    most = number(MOST_COUNTED)
    counted = sa.case((each.c.n > most, most), else_=each.c.n)
    return sa.select(
        sa.cast(sa.func.sum(counted), sa.Integer).label("total"),
        (sa.func.max(each.c.n) <= most).label("is_exact"),
    ).subquery()


def wanted_name(kind: Kind) -> str:
    return f"with_{kind.name}"
