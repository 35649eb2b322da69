"""The keys of the rows on a page, found in the order of an index wherever there is one."""

import dataclasses as dc
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.visitors import iterate

Condition = sa.ColumnElement[bool]
Statement = sa.Select[*tuple[Any, ...]]

# The rows that a list or a figure is about: each meets exactly one of these conditions.
Scope = tuple[Condition, ...]

# Page sizes that are written into the SQL, as the first page is by having no offset. Of a number
# that PostgreSQL learns only when it runs a prepared statement it expects a tenth of the table,
# so it would plan anew each time, which takes longer than to read the page.
USUAL_SIZES = frozenset({10, 20, 50, 100})


def number(value: int) -> sa.ColumnClause[int]:
    """A number in the text of the SQL: of a parameter PostgreSQL would not know how small it is."""
    return sa.literal_column(str(value), sa.Integer)


@dc.dataclass(frozen=True, slots=True)
class PageWindow:
    """The part of a list that a page has: its size, if it is common, and whether it is the first.

    What is not known here is a parameter: `limit`, `offset`, or `page_end`, which is their sum.
    """

    size: int | None
    first: bool

    @classmethod
    def of(cls, page: int, size: int) -> "PageWindow":
        return cls(size if size in USUAL_SIZES else None, page == 1)

    def apply(self, select: Statement) -> Statement:
        """The rows of the page."""
        limited = select.limit(self._limit)
        return limited if self.first else limited.offset(sa.bindparam("offset", type_=sa.Integer))

    def end(self, select: Statement) -> Statement:
        """The rows up to the end of the page."""
        return select.limit(
            self._limit if self.first else sa.bindparam("page_end", type_=sa.Integer)
        )

    def limit_of_count(self, least: int) -> sa.ColumnElement[int]:
        """One more than the rows up to the end of the page, or than `least` if these are more."""
        more = number(least + 1)
        if self.first:
            return more
        # Cast: compared with a small number, PostgreSQL would take a prepared parameter for one.
        end = sa.cast(sa.bindparam("page_end", type_=sa.BigInteger), sa.BigInteger)
        return sa.case((end < more, more), else_=end + number(1))

    @property
    def _limit(self) -> Any:
        if self.size:
            return number(self.size)
        return sa.bindparam("limit", type_=sa.Integer)


@dc.dataclass(frozen=True)
class Order:
    """What the rows of a table are sorted by."""

    entity: Any
    by: Sequence[Any]  # columns
    direction: Callable[[Any], sa.UnaryExpression[Any]]  # `sa.asc` or `sa.desc`

    def keys(self, scope: Scope, conditions: Sequence[Condition], window: PageWindow) -> Statement:
        """The primary keys of a page of the rows that meet the conditions.

        Of each condition of the scope only the first rows are read, as many as the page may need.
        """
        if len(scope) == 1:
            return window.apply(self._sorted(self._found(*scope, *conditions), self.by))
        firsts = (
            self.first(self._found(part, *conditions), window, indexed=self.has_index(part))
            for part in scope
        )
        return self.merged(firsts, window)

    def found(self, scope: Scope, conditions: Sequence[Condition], most: int) -> sa.CTE:
        """The keys of so many rows that meet the conditions, found before they are sorted."""
        parts = sa.union_all(*(self._found(part, *conditions) for part in scope)).subquery()
        return sa.select(parts).limit(number(most)).cte("found")

    def page_of(self, found: sa.CTE, window: PageWindow, *conditions: Condition) -> Statement:
        """The page of what `found` has, under some conditions."""
        return window.apply(self._sorted(sa.select(found).where(*conditions)))

    def merged(self, firsts: Iterable[Statement], window: PageWindow) -> Statement:
        """The page of what several statements of `first` find."""
        merged = sa.select(sa.union_all(*firsts).subquery())
        return window.apply(self._sorted(merged))

    def first(self, found: Statement, window: PageWindow, *, indexed: bool) -> Statement:
        """The first rows that a statement finds, as many as the page may need.

        The statement has what it is sorted by as the columns `by_0`, `by_1`, ...
        """
        if indexed:
            first = self._sorted(found, self.by)
        else:
            # With OFFSET, PostgreSQL finds the rows before it sorts them. Otherwise it may read the
            # whole table in the order of its index, to find the few that are among it.
            first = self._sorted(sa.select(found.offset(number(0)).subquery()))
        return sa.select(window.end(first).subquery())

    def _found(self, *conditions: Condition) -> Statement:
        named = (column.label(f"by_{number}") for number, column in enumerate(self.by))
        keys = sa.inspect(self.entity).primary_key
        return sa.select(*keys, *named).select_from(self.entity).where(*conditions)

    def _sorted(self, select: Statement, by: Sequence[Any] = ()) -> Statement:
        by = by or [column for column in select.selected_columns if column.name[:3] == "by_"]
        return select.order_by(*map(self.direction, by))

    def has_index(self, part: Condition) -> bool:
        """Whether an index has the rows that meet the condition in this order."""
        by = [column.name for column in self.by]
        compared = [element.name for element in iterate(part) if isinstance(element, sa.Column)]
        indexed = ([c.name for c in index.columns] for index in self.entity.__table__.indexes)
        return any(names[0] in compared and names[1 : 1 + len(by)] == by for names in indexed)
