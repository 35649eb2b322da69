"""Rows to measure with, made by the database itself: a million in a minute."""

import sqlalchemy as sa

from benchmarks.declarations import ACCOUNTS, ADMIN, OWN, declared
from halolight.core.passwords import hash_password
from halolight.modules import find

PASSWORD = "the benchmark's password"

BASIC_SIZE = 1000  # rows of each table, where nothing else is said

ROWS: dict[str, str] = {
    table: sql
    for module in find("benchmark", "tests.modules")
    for table, sql in getattr(module, "ROWS", {}).items()
}


def _own(table: str, column: str, number: int) -> sa.TextClause:
    key = "message_id" if table == "message_receipts" else "id"
    return sa.text(f"""
        UPDATE {table} SET {column} = (SELECT id FROM users WHERE email = :email)
        WHERE {key} % {BASIC_SIZE // OWN} = {number} AND {key} <= {BASIC_SIZE}""")


def furnish(engine: sa.Engine) -> None:
    """Fill the tables, give everybody the password and some the role of super administrator."""
    for table in ROWS:
        grow(engine, table, BASIC_SIZE)
    with engine.begin() as connection:
        hashed = {"hashed": hash_password(PASSWORD)}
        connection.execute(sa.text("UPDATE users SET hashed_password = :hashed"), hashed)
        promote = sa.text("UPDATE users SET role = 'super_admin' WHERE email = :email")
        connection.execute(promote, [{"email": email} for email in ACCOUNTS[ADMIN]])
        for table, column, email in declared("OWNED"):
            # Spread over the first rows, so that they stay the same when the table grows.
            for number, owner in enumerate(ACCOUNTS[email]):
                connection.execute(_own(table, column, number), {"email": owner})
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
