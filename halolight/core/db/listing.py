"""Lists: one statement for the rows of a page and the total, built once per combination.

A module says which columns it shows and what each filter means; paging, searching, sorting
and counting are the same everywhere and happen here.
"""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from halolight.core.schemas.base import snake
from halolight.core.text import fold

from .base import Database
from .counts import Counted, row_count
from .folding import folded_form, sort_column
from .reads import TIME_LIMIT

Condition = sa.ColumnElement[bool]

EVERYTHING: Condition = sa.true()
NOTHING: Condition = sa.false()

# Page sizes that are written into the SQL, as the first page is by having no offset. Of a number
# that PostgreSQL learns only when it runs a prepared statement it expects a tenth of the table,
# so it would plan anew each time, which takes longer than to read the page.
USUAL_SIZES = frozenset({10, 20, 50, 100})

# Seconds that PostgreSQL may spend on a page. Who waits longer has left, and others want to read.
SECONDS = 5


@dc.dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; pages count from 1."""

    items: Sequence[Any]
    total: int
    page: int
    page_size: int

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


@dc.dataclass(frozen=True, slots=True)
class PageWindow:
    """Which part of a list is a page: its size, if it is a usual one, and whether it is the first.

    What is not known here is a parameter, `limit` or `offset`.
    """

    size: int | None
    first: bool

    def apply(self, select: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
        if self.size:
            limit: Any = sa.literal_column(str(self.size), sa.Integer)
        else:
            limit = sa.bindparam("limit", type_=sa.Integer)
        limited = select.limit(limit)
        return limited if self.first else limited.offset(sa.bindparam("offset", type_=sa.Integer))


class Listing:
    """What a list shows (`select`, without order) and how it can be narrowed.

    A filter is a condition with a bound parameter of the filter's own name. The sort columns are
    attributes of `entity`; every order ends in a unique column, its id unless another is named, so
    that pages never overlap. A scope is made once, like a filter, and not per request: its
    statements are kept with it.
    """

    def __init__(
        self,
        db: Database,
        entity: Any,
        select: sa.Select[*tuple[Any, ...]],
        filters: Mapping[str, Condition],
        *,
        tiebreaker: Any = None,
    ) -> None:
        self._db = db
        self._entity = entity
        self._tiebreaker = entity.id if tiebreaker is None else tiebreaker
        self._select = select
        self._filters = filters
        self._statements: dict[Any, tuple[sa.Select[*tuple[Any, ...]], sa.Select[int]]] = {}

    def page(self, query: Mapping[str, Any], scope: Condition, **params: Any) -> Page:
        """The page that `query` (a loaded `PageQuery`) asks for, of the rows in `scope`."""
        present = tuple(name for name in self._filters if query.get(name) is not None)
        params |= {name: query[name] for name in present}
        if "search" in params:
            params["search"] = like_pattern(params["search"])
        page, size = query["page"], query["page_size"]
        window = PageWindow(size if size in USUAL_SIZES else None, page == 1)
        listed, counted = self._built(scope, present, query["sort_by"], query["sort_order"], window)
        rows = self._db.rows(listed, **params, limit=size, offset=(page - 1) * size)
        # Only a page beyond the end has to ask for the total again.
        if rows or page == 1:
            total = rows[0].total if rows else 0
        else:
            total = self._db.value(counted, **params)
        return Page(rows, total, page, size)

    def _built(
        self,
        scope: Condition,
        present: tuple[str, ...],
        sort_by: str,
        sort_order: str,
        window: "PageWindow",
    ) -> tuple[sa.Select[*tuple[Any, ...]], sa.Select[int]]:
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
        scope: Condition,
        present: tuple[str, ...],
        sort_by: str,
        sort_order: str,
        window: "PageWindow",
    ) -> tuple[sa.Select[*tuple[Any, ...]], sa.Select[int]]:
        conditions = (scope, *(self._filters[name] for name in present))
        counted = self._count(scope, present, conditions)
        order = self._order(sort_by, sort_order)
        # First the keys of the page, which an index has in this order, then its columns: so the
        # rows before a late page are skipped in the index and not read.
        keys = sa.inspect(self._entity).primary_key
        ordered = sa.select(*keys).select_from(self._entity).where(*conditions).order_by(*order)
        on_page = window.apply(ordered).subquery("on_page")
        listed = (
            self._select.add_columns(counted.scalar_subquery().label("total"))
            .join(on_page, sa.and_(*(key == on_page.c[key.name] for key in keys)))
            .order_by(*order)
        )
        return listed, counted

    def _count(
        self, scope: Condition, present: tuple[str, ...], conditions: tuple[Condition, ...]
    ) -> sa.Select[int]:
        if scope is EVERYTHING and not present and issubclass(self._entity, Counted):
            return row_count(self._entity)
        return sa.select(sa.func.count()).select_from(self._entity).where(*conditions)

    def _order(self, sort_by: str, sort_order: str) -> list[sa.UnaryExpression[Any]]:
        columns = (sort_column(self._entity, snake(sort_by)), self._tiebreaker)
        return [column.desc() if sort_order == "desc" else column.asc() for column in columns]
