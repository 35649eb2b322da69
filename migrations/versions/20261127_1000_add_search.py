"""add the index of the search

What is there is indexed, too: two to seven minutes for a million documents.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from halolight.core.search.index import begin_searching, end_searching, fill
from halolight.core.search.tokens import Sources

revision = 'f3c8a61d2e95'
down_revision = 'c47a92e5d810'
branch_labels = None
depends_on = None

SEARCHED = {
    "users": Sources(names=("name", "username"), addresses=("email",)),
    "teams": Sources(names=("name",), texts=("description",)),
    "documents": Sources(names=("title",), texts=("content",)),
    "files": Sources(names=("name",)),
    "messages": Sources(texts=("content",)),
    "events": Sources(names=("title",), texts=("description", "location")),
}


def upgrade() -> None:
    kind = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")
    for table, sources in SEARCHED.items():
        op.add_column(table, sa.Column("search_key", kind))
        fill(op.get_bind(), table, sources)
        begin_searching(op.get_bind(), table)


def downgrade() -> None:
    for table in SEARCHED:
        end_searching(op.get_bind(), table)
        op.drop_column(table, "search_key")
