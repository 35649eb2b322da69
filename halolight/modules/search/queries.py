"""The statement of a search, whatever it is asked for."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from halolight.core.db.listing import SECONDS
from halolight.core.db.paging import PageWindow, Scope, Statement
from halolight.core.db.reads import TIME_LIMIT

from .kinds import JOINED, Kind

# A kind, and the rows of it that somebody sees.
Searched = tuple[Kind, Scope]


@lru_cache(maxsize=256)
def search(searched: tuple[Searched, ...], window: PageWindow, *, some: bool) -> Statement:
    """A page of each kind, with the number of all that are found: at least one row of each.

    With `some`, a parameter for each kind (`with_documents`) says whether it is wanted. So there
    are few statements, however many combinations people ask for.
    """
    parts = [
        _part(number, kind, scope, window, some=some)
        for number, (kind, scope) in enumerate(searched)
    ]
    found = sa.union_all(*parts).subquery("found")
    return (
        sa.select(found)
        .order_by(found.c.kind, found.c.rank, found.c.newest.desc(), found.c.id.desc())
        .execution_options(**{TIME_LIMIT: SECONDS})
    )


def _part(number: int, kind: Kind, scope: Scope, window: PageWindow, *, some: bool) -> Statement:
    hits = sa.union_all(*_hits(kind, scope, some=some)).cte(f"found_{kind.name}")
    total = sa.select(sa.func.count().label("total")).select_from(hits).subquery()
    best = window.apply(
        sa.select(hits).order_by(hits.c.rank, hits.c.newest.desc(), hits.c.id.desc())
    ).subquery()
    shown = (
        kind.item.add_columns(best.c.rank, best.c.newest)
        .join(best, best.c.id == kind.entity.id)
        .subquery()
    )
    return sa.select(
        sa.literal_column(str(number), sa.Integer).label("kind"), total.c.total, *shown.c
    ).select_from(total.outerjoin(shown, sa.true()))


def _hits(kind: Kind, scope: Scope, *, some: bool) -> Iterator[Statement]:
    """What each place of the kind and each condition of the scope find: no row twice."""
    wanted: Sequence[Any] = (sa.bindparam(wanted_name(kind), type_=sa.Boolean),) if some else ()
    for rank, found in enumerate(kind.matching()):
        for seen in scope:
            hits = sa.select(
                kind.entity.id,
                kind.newest.label("newest"),
                sa.literal_column(str(rank), sa.Integer).label("rank"),
            ).where(*wanted, found, seen, kind.also)
            if kind.entity in JOINED:
                hits = hits.join(*JOINED[kind.entity])
            yield hits


def wanted_name(kind: Kind) -> str:
    return f"with_{kind.name}"
