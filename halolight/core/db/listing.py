"""Lists: one statement for the rows of a page and the total, built once per combination.

A module says which columns it shows and what each filter means; paging, searching, sorting
and counting are the same everywhere and happen here.
"""

import dataclasses as dc
import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from halolight.core.schemas.base import snake
from halolight.core.text import fold

from .base import Database
from .counts import Counted, row_count
from .folding import folded_form, sort_column
from .groups import group_count
from .paging import Condition, Order, PageWindow, Scope, Statement, number
from .reads import TIME_LIMIT

MOST_FOUND = 10_000  # rows that an index finds for a list, before it is faster to look at all
INDEXED = "indexed"  # the filter that asks the index of a `Search`

EVERYTHING: Condition = sa.true()
NOTHING: Condition = sa.false()

# Seconds that PostgreSQL may spend on a page. Who waits longer has left, and others want to read.
SECONDS = 5

# Rows that a filtered list counts. Whoever finds more narrows the search, and pages on.
COUNTED = 10_000


@dc.dataclass(frozen=True)
class Search:
    """A filter `search` that has an index of the words in the texts, see `core.search.listing`."""

    literal: Condition  # whether a text contains the parameter `search`
    indexed: Condition  # whether the index has its words
    params: Callable[[str], Mapping[str, Any]]  # of `indexed`; none if the search has no words
    decides: Callable[[str], bool]  # whether the index alone knows what contains the search


@dc.dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; pages count from 1. Of a total that is not exact there are more."""

    items: Sequence[Any]
    total: int
    page: int
    page_size: int
    total_is_exact: bool = True

    @property
    def total_pages(self) -> int:
        return -(-self.total // self.page_size)


def contains(name: str, *texts: Any) -> Condition:
    """Any of the texts contains the parameter, both folded (see `core.text.fold`).

    A text is an attribute of a model whose folded form is stored, or an expression that is folded
    already. The parameter is a LIKE pattern, which `Listing` makes of the text of a search.
    """
    pattern = sa.bindparam(name, type_=sa.String)
    forms = (folded_form(t) if isinstance(t, InstrumentedAttribute) else t for t in texts)
    return sa.or_(*(form.like(pattern, escape="\\") for form in forms))


def like_pattern(text: str) -> str:
    """The pattern that finds `text`, folded, literally and anywhere."""
    text = fold(text)
    for special in ("\\", "%", "_"):
        text = text.replace(special, "\\" + special)
    return f"%{text}%"


def count_of(entity: Any, scope: Scope, *conditions: Condition) -> sa.Select[int]:
    """How many rows of the scope meet the conditions. Of what triggers count, they know."""
    counted = _known(entity, [each for each in (*scope, *conditions) if each is not EVERYTHING])
    if counted is not None:
        return counted
    if len(scope) > 1 and not conditions:
        parts = (count_of(entity, (part,)).scalar_subquery() for part in scope)
        return sa.select(functools.reduce(operator.add, parts))
    keys = sa.inspect(entity).primary_key
    return sa.select(sa.func.count()).select_from(rows_of(scope, keys, *conditions))


def _known(entity: Any, conditions: Sequence[Condition]) -> sa.Select[int] | None:
    """The number of rows that meet all conditions, where triggers keep it."""
    if not issubclass(entity, Counted) or len(conditions) > 1:
        return None
    return group_count(entity, conditions[0]) if conditions else row_count(entity)


def count_up_to(
    entity: Any, scope: Scope, conditions: Sequence[Condition], window: PageWindow
) -> sa.Select[int]:
    """The same, or NULL if there are more than `COUNTED` that no trigger counts.

    On later pages they are counted up to the end of the page, so that it always has a next one if
    there are more. What is not filtered is always counted.
    """
    counted = _known(entity, [each for each in (*scope, *conditions) if each is not EVERYTHING])
    if counted is not None or not conditions:
        return count_of(entity, scope, *conditions)
    # Apart from the limit: PostgreSQL would expect to meet so many soon wherever it begins, read
    # the table from its start, and find them at its end.
    found = sa.select(rows_of(scope, sa.inspect(entity).primary_key, *conditions))
    found_rows = found.cte("counted").prefix_with("MATERIALIZED", dialect="postgresql")
    limit = window.limit_of_count(COUNTED)
    rows = sa.select(found_rows).limit(limit).subquery()
    bounded = sa.select(sa.func.nullif(sa.func.count(), limit)).select_from(rows)
    if not issubclass(entity, Counted):
        return bounded
    # The limit takes a tenth of a microsecond a row, which a small table need not pay.
    few = row_count(entity).scalar_subquery() <= number(COUNTED)
    exact = count_of(entity, scope, *conditions).scalar_subquery()
    return sa.select(sa.case((few, exact), else_=bounded.scalar_subquery()))


def rows_of(scope: Scope, columns: Sequence[Any], *conditions: Condition) -> sa.Subquery:
    """Columns of all rows of the scope that meet the conditions."""
    parts = (sa.select(*columns).where(part, *conditions) for part in scope)
    return sa.union_all(*parts).subquery()


class Listing:
    """What a list shows (`select`, without order) and how it can be narrowed.

    A filter is a condition with a bound parameter of the filter's own name. The sort columns are
    attributes of `entity`; every order ends in a unique column, its id unless another is named, so
    that pages never overlap. A scope is made once, like a filter, and not per request: its
    statements are kept with it. Of each of its conditions only the first rows are read, as many as
    the page needs, in the order of an index: a page is not slower for users who see many rows.
    A `Search` finds all rows before they are sorted, for the page and the total at once. Where they
    are very many, each has to be read for the total anyway: then the texts are looked at.
    """

    def __init__(
        self,
        db: Database,
        entity: Any,
        select: Statement,
        filters: Mapping[str, Condition | Search],
        *,
        tiebreaker: Any = None,
    ) -> None:
        self._db = db
        self._entity = entity
        self._tiebreaker = entity.id if tiebreaker is None else tiebreaker
        self._select = select
        self._search = next((f for f in filters.values() if isinstance(f, Search)), None)
        self._filters: dict[str, Condition] = {
            name: each.literal if isinstance(each, Search) else each
            for name, each in filters.items()
        }
        if self._search:
            self._filters[INDEXED] = self._search.indexed
        self._statements: dict[Any, tuple[Statement, sa.Select[int]]] = {}

    def page(self, query: Mapping[str, Any], *scope: Condition, **params: Any) -> Page:
        """The page that `query` (a loaded `PageQuery`) asks for, of the rows in `scope`."""
        present = tuple(name for name in self._filters if query.get(name) is not None)
        params |= {name: query[name] for name in present}
        if "search" in params:
            present, more = self._search_by(present, params["search"])
            params |= more
        page, size = query["page"], query["page_size"]
        window = PageWindow.of(page, size)
        listed, counted = self._built(scope, present, query["sort_by"], query["sort_order"], window)
        params |= {"limit": size, "offset": (page - 1) * size, "page_end": page * size}
        rows = self._db.rows(listed, **params)
        # Only a page beyond the end has to ask for the total again.
        if rows or page == 1:
            total = rows[0].total if rows else 0
        else:
            total = self._db.value(counted, **params)
        if total is None:
            return Page(rows, max(COUNTED, page * size) + 1, page, size, total_is_exact=False)
        return Page(rows, total, page, size)

    def _search_by(
        self, present: tuple[str, ...], search: str
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The filters that are present, and the parameters of those that search."""
        literally = {"search": like_pattern(search)}
        indexed = self._search.params(search) if self._search else {}
        if self._search is None or not indexed:
            return present, literally
        if self._search.decides(search):
            present = tuple(name for name in present if name != "search")
        return (*present, INDEXED), {**literally, **indexed}

    def _built(
        self,
        scope: Scope,
        present: tuple[str, ...],
        sort_by: str,
        sort_order: str,
        window: PageWindow,
    ) -> tuple[Statement, sa.Select[int]]:
        """The statements for one combination: rows with the total, and the total alone.

        Building and hashing a statement costs more than running it, so each is made once.
        """
        key = (scope, present, sort_by, sort_order, window)
        if key not in self._statements:
            listed, counted = self._make(scope, present, sort_by, sort_order, window)
            limit = {TIME_LIMIT: SECONDS}
            self._statements[key] = (
                listed.execution_options(**limit),
                counted.execution_options(**limit),
            )
        return self._statements[key]

    def _make(
        self,
        scope: Scope,
        present: tuple[str, ...],
        sort_by: str,
        sort_order: str,
        window: PageWindow,
    ) -> tuple[Statement, sa.Select[int]]:
        conditions = [self._filters[name] for name in present]
        by = (sort_column(self._entity, snake(sort_by)), self._tiebreaker)
        direction = sa.desc if sort_order == "desc" else sa.asc
        # First the keys of the page, which an index has in this order, then its columns: so the
        # rows before a late page are skipped in the index and not read.
        order = Order(self._entity, by, direction)
        if INDEXED in present:
            on_page, counted = self._found(order, scope, present, window)
        else:
            on_page = order.keys(scope, conditions, window).subquery("on_page")
            counted = count_up_to(self._entity, scope, conditions, window)
        keys = sa.inspect(self._entity).primary_key
        listed = (
            self._select.add_columns(counted.scalar_subquery().label("total"))
            .join(on_page, sa.and_(*(key == on_page.c[key.name] for key in keys)))
            .order_by(*map(direction, by))
        )
        return listed, counted

    def _found(
        self, order: Order, scope: Scope, present: tuple[str, ...], window: PageWindow
    ) -> tuple[sa.Subquery, sa.Select[int]]:
        """The keys of a page that the index finds, and the total; of very many, without it."""
        found = order.found(scope, [self._filters[name] for name in present], MOST_FOUND + 1)
        matches = sa.select(sa.func.count()).select_from(found).scalar_subquery()
        most = number(MOST_FOUND)
        others = [self._filters[name] for name in present if name not in {INDEXED, "search"}]
        literally = [*others, self._filters["search"], matches > most]
        few = order.page_of(found, window, matches <= most)
        many = order.keys(scope, literally, window)
        either = sa.union_all(*(sa.select(page.subquery()) for page in (few, many)))
        all_of_many = count_up_to(self._entity, scope, literally, window).scalar_subquery()
        total = sa.case((matches <= most, matches), else_=all_of_many)
        return either.subquery("on_page"), sa.select(total)
