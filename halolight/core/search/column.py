"""The column of a table that holds its tokens, and the index of it.

    search_key: Mapped[str | None] = searched(names=("title",), texts=("content",))

It follows its texts by itself: with every change of an entity, and in every INSERT of values. An
UPDATE statement of such a text, and an INSERT from a SELECT, have to set it as well. So the index
changes in the transaction of the text. It is made of all texts of the row, so whoever changes one
locks the row before it is loaded, unless the model has a version. On PostgreSQL the column is a
`tsvector` with a GIN index. On SQLite it is a text; triggers keep an FTS5 table, `<table>_search`,
which reads it.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import MappedColumn, Mapper, mapped_column

from halolight.core.db.base import AUDIT_OMIT

from .tokens import Sources

COLUMN = "search_key"


class SearchKey(sa.types.TypeDecorator[str]):
    """Tokens with spaces between them: both databases read them as they are."""

    impl = sa.Text
    cache_ok = True
    in_migrations = "sa.Text().with_variant(postgresql.TSVECTOR(), 'postgresql')"

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TSVECTOR())
        return dialect.type_descriptor(sa.Text())


def searched(
    *,
    names: tuple[str, ...] = (),
    addresses: tuple[str, ...] = (),
    texts: tuple[str, ...] = (),
) -> MappedColumn[Any]:
    """The column of the tokens of these columns. Entities do not load it."""
    sources = Sources(names, addresses, texts)

    def of_this_row(context: Any) -> str | None:
        given = context.get_current_parameters()
        return sources.key({name: given.get(name) for name in sources.all})

    return mapped_column(
        SearchKey(),
        default=of_this_row,
        info={**AUDIT_OMIT, "searches": sources},
        sort_order=95,
        deferred=True,
    )


@sa.event.listens_for(Mapper, "mapper_configured")
def _follow(mapper: Mapper[Any], entity: type[Any]) -> None:
    """Have the tokens of a model set together with its texts."""
    if COLUMN in mapper.columns:
        sa.event.listen(entity, "before_update", _set_tokens)


def _set_tokens(mapper: Mapper[Any], _: sa.Connection, entity: Any) -> None:
    sources: Sources = mapper.columns[COLUMN].info["searches"]
    attributes = sa.inspect(entity).attrs
    if any(attributes[name].history.has_changes() for name in sources.all):
        setattr(entity, COLUMN, sources.key({name: getattr(entity, name) for name in sources.all}))
