"""Rows to measure with, made by the database itself: a million in a minute."""

import sqlalchemy as sa

from halolight.core.passwords import hash_password

ADMIN = "person1@example.com"
ORDINARY = "person2@example.com"  # holds the role `user` and has written OWN_DOCUMENTS documents
PASSWORD = "the benchmark's password"
OWN_DOCUMENTS = 50

BASIC_SIZE = 1000  # rows of each table, where nothing else is said

# What a table is filled with, and in this order. A later list joins with an entry here, one in
# reads.READS and one in growth.LISTS.
ROWS = {
    "users": """
        INSERT INTO users (email, username, name, hashed_password, role, status,
                           created_at, updated_at)
        SELECT 'person' || n || '@example.com', 'person' || n, 'Person ' || n, '!', 'user',
               'ACTIVE', now() - n * interval '1 minute', now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
    "documents": """
        INSERT INTO documents (title, content, type, size, folder, folder_key, views, version,
                               author_id, created_at, updated_at)
        SELECT 'Document ' || n, 'The text of document ' || n || '.', 'report', 30, 'Projects',
               'projects', 0, 1, (SELECT min(id) FROM users) + 2 + n % 998,
               now() - n * interval '1 minute', now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
}

# Spread over the first documents, so that they stay the same when the table grows.
_OWN = f"""
    UPDATE documents SET author_id = (SELECT id FROM users WHERE email = :email)
    WHERE id % {BASIC_SIZE // OWN_DOCUMENTS} = 0 AND id <= {BASIC_SIZE}"""


def furnish(engine: sa.Engine) -> None:
    """Fill the tables and give everybody the password, one the role of super administrator."""
    for table in ROWS:
        grow(engine, table, BASIC_SIZE)
    with engine.begin() as connection:
        hashed = {"hashed": hash_password(PASSWORD)}
        connection.execute(sa.text("UPDATE users SET hashed_password = :hashed"), hashed)
        promote = sa.text("UPDATE users SET role = 'super_admin' WHERE email = :email")
        connection.execute(promote, {"email": ADMIN})
        connection.execute(sa.text(_OWN), {"email": ORDINARY})
    _settle(engine)


def grow(engine: sa.Engine, table: str, size: int) -> None:
    """Add rows until the table has `size`, and let the planner know."""
    with engine.begin() as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table))) or 0
        params = {"first": count + 1, "last": size}
        connection.execute(sa.text(ROWS[table]), params)
    _settle(engine)


def _settle(engine: sa.Engine) -> None:
    """Do now what PostgreSQL would do by itself in the middle of a measurement."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
        connection.execute(sa.text("CHECKPOINT"))
