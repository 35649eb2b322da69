"""Rows to measure with, made by the database itself: a million in a minute."""

import sqlalchemy as sa

from halolight.core.passwords import hash_password

ADMIN = "person1@example.com"
ORDINARY = "person2@example.com"  # holds the role `user` and owns OWN documents and files
PASSWORD = "the benchmark's password"
OWN = 50  # rows of each of several kinds that ADMIN or ORDINARY has

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
    "blobs": """
        INSERT INTO blobs (checksum, size, mime_type, has_thumbnail, created_at)
        SELECT md5(n::text) || md5(n::text), 30, 'text/plain', n % 4 = 0, now()
        FROM generate_series(:first, :last) AS n""",
    "files": """
        INSERT INTO files (name, path, type, size, checksum, owner_id, created_at, updated_at)
        SELECT 'File ' || n || '.txt', '/File ' || n || '.txt', 'document', 30,
               md5(n::text) || md5(n::text), (SELECT min(id) FROM users) + 2 + n % 998,
               now() - n * interval '1 minute', now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
    "notifications": """
        INSERT INTO notifications (user_id, type, title, content, read_at, created_at)
        SELECT (SELECT min(id) FROM users) + 2 + n % 998, 'user', 'Notification ' || n, 'Text',
               CASE WHEN n % 10 > 0 THEN now() END, now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
    "conversations": """
        INSERT INTO conversations (type, created_at)
        SELECT 'group', now() FROM generate_series(:first, :last)""",
    "messages": """
        INSERT INTO messages (conversation_id, sender_id, type, content, created_at)
        SELECT (SELECT min(id) FROM conversations) + n % 1000,
               (SELECT min(id) FROM users) + 2 + n % 998, 'text', 'Message ' || n || '.',
               now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
    "message_receipts": """
        INSERT INTO message_receipts (message_id, user_id, conversation_id, box, created_at,
                                      read_at)
        SELECT messages.id, (SELECT min(id) FROM users) + 2 + (messages.id + 7) % 998,
               conversation_id, 'inbox', created_at,
               CASE WHEN messages.id % 10 > 0 THEN now() END
        FROM messages WHERE messages.id BETWEEN (SELECT min(id) FROM messages) + :first - 1
                                            AND (SELECT min(id) FROM messages) + :last - 1""",
    "events": """
        INSERT INTO events (title, type, start_at, end_at, all_day, version, owner_id,
                            created_at, updated_at)
        SELECT 'Event ' || n, 'meeting', now() - n * interval '1 minute',
               now() - n * interval '1 minute' + interval '1 hour', false, 1,
               (SELECT min(id) FROM users) + 2 + n % 998, now(), now()
        FROM generate_series(:first, :last) AS n""",
    "orders": """
        INSERT INTO orders (order_no, customer, amount, cost, status, created_at, updated_at)
        SELECT 'ORD-' || n, 'Customer ' || n, 20 + n % 80, 10 + n % 40,
               (ARRAY['pending', 'paid', 'shipped', 'cancelled'])[1 + n % 4],
               now() - n * interval '8 hours', now()
        FROM generate_series(:first, :last) AS n""",
}

# Spread over the first rows, so that they stay the same when the table grows.
OWNED = (
    *(("documents", "author_id", ORDINARY), ("files", "owner_id", ORDINARY)),
    *(("notifications", "user_id", ADMIN), ("message_receipts", "user_id", ADMIN)),
)


def _own(table: str, column: str) -> sa.TextClause:
    key = "message_id" if table == "message_receipts" else "id"
    return sa.text(f"""
        UPDATE {table} SET {column} = (SELECT id FROM users WHERE email = :email)
        WHERE {key} % {BASIC_SIZE // OWN} = 0 AND {key} <= {BASIC_SIZE}""")


def furnish(engine: sa.Engine) -> None:
    """Fill the tables and give everybody the password, one the role of super administrator."""
    for table in ROWS:
        grow(engine, table, BASIC_SIZE)
    with engine.begin() as connection:
        hashed = {"hashed": hash_password(PASSWORD)}
        connection.execute(sa.text("UPDATE users SET hashed_password = :hashed"), hashed)
        promote = sa.text("UPDATE users SET role = 'super_admin' WHERE email = :email")
        connection.execute(promote, {"email": ADMIN})
        for table, column, email in OWNED:
            connection.execute(_own(table, column), {"email": email})
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
