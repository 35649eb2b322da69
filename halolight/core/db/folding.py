"""Columns beside texts that hold them folded: what is searched, sorted and kept unique.

    title: Mapped[str] = mapped_column(sa.String(200))
    title_key: Mapped[str] = folded("title", 400)  # sorted by, and searched
    content: Mapped[str] = mapped_column(sa.Text)
    content_key: Mapped[str | None] = folded_text("content")  # searched only

Such a column follows its text by itself: with every change of an entity, and in every INSERT.
An UPDATE statement of a text has to set it as well. It folds what it is compared with, too.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, MappedColumn, Mapper, mapped_column
from sqlalchemy.sql.functions import FunctionElement

from halolight.core.text import ascii_lower, fold

from .base import AUDIT_OMIT

ENDING = "_key"  # of the name of such a column


class Folded(sa.types.TypeDecorator[str]):
    """A text, folded. PostgreSQL sorts it by its code points, as SQLite does.

    Folding makes some texts longer; what does not fit is cut off.
    """

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int, folding: Callable[[str], str] = fold) -> None:
        super().__init__(length)
        self.length = length
        self.folding = folding
        text = f"sa.String({length}"
        self.in_migrations = f"{text}).with_variant({text}, collation='C'), 'postgresql')"

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.VARCHAR(self.length, collation="C"))
        return dialect.type_descriptor(sa.String(self.length))

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else self.folding(value)[: self.length]


class FoldedText(sa.types.TypeDecorator[str]):
    """A long text, folded; NULL where that only means its ASCII letters in lower case.

    So most texts in English are not stored twice.
    """

    impl = sa.Text
    cache_ok = True
    in_migrations = "sa.Text()"

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is None or value.isascii():
            return None
        folded = fold(value)
        return None if folded == ascii_lower(value) else folded


class AsciiLower(FunctionElement[str]):
    """A text with its ASCII letters in lower case, whatever the locale of the database."""

    inherit_cache = True
    type = sa.Text()


@compiles(AsciiLower)
def _lower(element: AsciiLower, compiler: Any, **kwargs: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kwargs)})"


@compiles(AsciiLower, "postgresql")
def _lower_postgresql(element: AsciiLower, compiler: Any, **kwargs: Any) -> str:
    return f'lower(({compiler.process(element.clauses, **kwargs)}) COLLATE "C")'


def folded(
    source: str,
    length: int,
    folding: Callable[[str], str] = fold,
    *,
    primary_key: bool = False,
) -> MappedColumn[Any]:
    """The column of a short text, `<source>_key`."""
    return _following(source, Folded(length, folding), primary_key=primary_key)


def folded_text(source: str) -> MappedColumn[Any]:
    """The column of a long text that is only searched, `<source>_key`. Entities do not load it."""
    return _following(source, FoldedText(), deferred=True)


def _following(source: str, kind: sa.types.TypeEngine[Any], **options: bool) -> MappedColumn[Any]:
    def of_this_row(context: Any) -> Any:
        return context.get_current_parameters().get(source)

    info = {**AUDIT_OMIT, "folds": source}
    return mapped_column(kind, default=of_this_row, info=info, sort_order=80, **options)  # type: ignore[arg-type]


@sa.event.listens_for(Mapper, "mapper_configured")
def _follow(mapper: Mapper[Any], entity: type[Any]) -> None:
    """Have each folded column of a model set together with its text."""
    for attribute in mapper.column_attrs:
        if source := attribute.columns[0].info.get("folds"):
            sa.event.listen(getattr(entity, source), "set", _setter(attribute.key))


def _setter(key: str) -> Callable[..., None]:
    def follow(entity: Any, value: str | None, before: object, _: object) -> None:
        if value != before:  # else an entity would count as changed that is not
            setattr(entity, key, value)

    return follow


def sort_column(entity: Any, name: str) -> Any:
    """The column that a list is sorted by: of a text its folded form, where there is one."""
    column = getattr(entity, name)
    key = getattr(entity, name + ENDING, column)
    return key if isinstance(key.type, Folded) else column


def folded_form(text: InstrumentedAttribute[Any]) -> sa.ColumnElement[str]:
    """The folded form of a text, for conditions. Raises `AttributeError` if none is stored."""
    if isinstance(text.type, Folded):
        return text.expression
    key = getattr(text.parent.entity, text.key + ENDING)
    if isinstance(key.type, FoldedText):
        return sa.func.coalesce(key, AsciiLower(text))
    form: Any = key
    return form.expression  # type: ignore[no-any-return]
