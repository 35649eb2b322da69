"""Rows to measure with, made by the database itself: a million in seconds."""

import sqlalchemy as sa

# What a table of n rows is filled with. A later list joins with a line here and in growth.py.
ROWS = {
    "users": """
        INSERT INTO users (email, username, name, hashed_password, role, status,
                           created_at, updated_at)
        SELECT 'person' || n || '@example.com', 'person' || n, 'Person ' || n, '!', 'user',
               'ACTIVE', now() - n * interval '1 minute', now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
    "documents": """
        INSERT INTO documents (title, content, type, size, folder, folder_key, views, version, author_id,
                               created_at, updated_at)
        SELECT 'Document ' || n, 'The text of document ' || n, 'report', 30, 'Projects', 'projects', 0, 1,
               (SELECT min(id) FROM users) + n % 1000,
               now() - n * interval '1 minute', now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
}


def grow(engine: sa.Engine, table: str, size: int) -> None:
    """Add rows until the table has `size`, and let the planner know."""
    with engine.begin() as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table))) or 0
        params = {"first": count + 1, "last": size}
        connection.execute(sa.text(ROWS[table]), params)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"VACUUM ANALYZE {table}"))
