"""What is read to see whether the database answers and is migrated."""

import sqlalchemy as sa

ONE = sa.select(sa.literal(1).label("one"))
REVISIONS = sa.select(sa.column("version_num", sa.String)).select_from(sa.table("alembic_version"))
