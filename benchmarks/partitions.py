"""`python -m benchmarks.partitions`: the tables that grow with time, partitioned by month.

It fills them with a year, asks the API, partitions them, asks again, runs examples/walk.py, and
compares a DELETE of the oldest month with dropping its partition. docs/scaling.md has the results.
"""

import datetime as dt
import itertools
import json
import re
import time
import urllib.request
from collections.abc import Sequence

import sqlalchemy as sa

from benchmarks.client import authorization
from benchmarks.data import PASSWORD
from benchmarks.declarations import ADMIN
from benchmarks.servers import API, serving
from benchmarks.stage import stage
from examples.walk import ENDPOINTS, walk

ROWS = 120_000  # of each table
MONTHS = 12
# What each is partitioned by. Messages by id, which grows with time: their receipts refer to it,
# and a foreign key needs a unique column, which has to contain what partitions the table.
TABLES = {
    "audit_entries": "created_at",
    "notifications": "created_at",
    "message_receipts": "created_at",
    "daily_visitors": "date",
    "messages": "id",
}
READS = (
    *("/api/audit", "/api/audit?page=50", "/api/audit?action=documents.create"),
    *("/api/notifications", "/api/notifications?unread=true", "/api/notifications?page=3"),
    *("/api/messages", "/api/messages?page=5", "/api/users/me"),
)
FILL = (
    f"""INSERT INTO audit_entries (actor_id, actor_name, action, target_type, changes, created_at)
        SELECT mod(n, 1000) + 1, 'Ada', 'documents.create', 'document', '{{}}',
               now() - n * interval '1 year' / {ROWS} FROM generate_series(1, {ROWS}) n""",
    f"""INSERT INTO notifications (user_id, type, title, content, created_at, read_at)
        SELECT mod(n, 1000) + 1, 'task', 'Plan', '', now() - n * interval '1 year' / {ROWS}, now()
        FROM generate_series(1, {ROWS}) n""",
    f"""INSERT INTO daily_visitors (date, kind, visitor_id)
        SELECT current_date - mod(n, 365), 'user', n / 365 FROM generate_series(1, {ROWS}) n""",
)


def main() -> None:
    with stage() as prepared:
        engine = prepared.engine
        with engine.begin() as connection:
            for statement in FILL:
                connection.exec_driver_sql(statement)
        analyze(engine)
        with serving(API, env=prepared.env) as api:
            headers = authorization(api.url, ADMIN)
            plain = [ask(api.url, path, headers) for path in READS]
        with engine.begin() as connection:
            for table, column in TABLES.items():
                partition(connection, table, column)
        analyze(engine)
        with serving(API, env=prepared.env) as api:
            parted = [ask(api.url, path, headers) for path in READS]
            called = walk(api.url, ADMIN, PASSWORD)
        print("walk:", f"{len(called & ENDPOINTS)} of {len(ENDPOINTS)} endpoints")
        for path, (before, first), (after, second) in zip(READS, plain, parted, strict=True):
            same = "same" if first == second else "DIFFERENT"
            print(f"{path}: {same}, {before:.1f} ms plain, {after:.1f} ms partitioned")
        for table in ("audit_entries", "notifications"):
            print(f"{table}: {prune(engine, table)}")


def ask(url: str, path: str, headers: dict[str, str]) -> tuple[float, object]:
    """The median time of a request in milliseconds, and its data."""
    request = urllib.request.Request(url + path, headers=headers)
    times = []
    for _ in range(21):
        began = time.perf_counter()
        body = urllib.request.urlopen(request).read()
        times.append(1000 * (time.perf_counter() - began))
    return sorted(times)[10], json.loads(body)["data"]


def partition(connection: sa.Connection, table: str, column: str) -> None:
    """Make the table anew with partitions, and move its rows into it."""
    run = connection.exec_driver_sql
    definitions = [row[0] for row in run(FIND_INDEXES.format(table=table))]
    constraints = [(row[0], row[1]) for row in run(FIND_CONSTRAINTS.format(table=table))]
    triggers = [row[0] for row in run(FIND_TRIGGERS.format(table=table))]
    referring = [tuple(row) for row in run(FIND_REFERRING.format(table=table))]
    for other, name, _ in referring:
        run(f"ALTER TABLE {other} DROP CONSTRAINT {name}")
    run(f"ALTER TABLE {table} RENAME TO {table}_plain")
    run(
        f"CREATE TABLE {table} (LIKE {table}_plain INCLUDING DEFAULTS INCLUDING IDENTITY"
        f" INCLUDING GENERATED) PARTITION BY RANGE ({column})"
    )
    for name, first, last in bounds(connection, table, column):
        run(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{first}') TO ('{last}')")
    run(f"INSERT INTO {table} SELECT * FROM {table}_plain")
    sequence = (
        run(f"SELECT pg_get_serial_sequence('{table}_plain', 'id')").scalar()
        if "id" in (name for (name,) in run(FIND_COLUMNS.format(table=table)))
        else None
    )
    if sequence:
        run(f"ALTER SEQUENCE {sequence} OWNED BY {table}.id")
    run(f"DROP TABLE {table}_plain")
    for name, definition in constraints:
        if definition.startswith("PRIMARY KEY") and f"{column}" not in definition:
            definition = definition.replace(")", f", {column})")
        run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for definition in definitions:
        run(definition.replace(f"{table}_plain", table))
    for definition in triggers:
        run(definition.replace(f"{table}_plain", table))
    for other, name, definition in referring:
        run(f"ALTER TABLE {other} ADD CONSTRAINT {name} {definition}")


FIND_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'"
FIND_INDEXES = """SELECT pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = '{table}'::regclass AND NOT indisprimary"""
FIND_CONSTRAINTS = """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = '{table}'::regclass AND contype IN ('p', 'f', 'c') AND conparentid = 0"""
FIND_REFERRING = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE confrelid = '{table}'::regclass AND contype = 'f'
    AND conparentid = 0"""
FIND_TRIGGERS = """SELECT pg_get_triggerdef(oid) FROM pg_trigger
    WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"""


def bounds(
    connection: sa.Connection, table: str, column: str
) -> Sequence[tuple[str, object, object]]:
    """The partitions of the last year and the next month, or of as many ids."""
    if column == "id":
        most = connection.exec_driver_sql(f"SELECT max(id) FROM {table}_plain").scalar() or 0
        step = most // MONTHS + 1
        return [(f"{table}_{n}", n * step, (n + 1) * step) for n in range(2 * MONTHS)]
    firsts = [dt.datetime.now(dt.UTC).date().replace(day=1)]
    while len(firsts) < MONTHS + 2:
        firsts.insert(0, (firsts[0] - dt.timedelta(days=1)).replace(day=1))
    firsts += [(firsts[-1] + dt.timedelta(days=31 * n)).replace(day=1) for n in (1, 2)]
    pairs = itertools.pairwise(firsts)
    return [(f"{table}_{first:%Y_%m}", first, last) for first, last in pairs]


def prune(engine: sa.Engine, table: str) -> str:
    """The time to delete a month's rows, and to drop the partition of another month."""
    names = sorted(
        name
        for name in sa.inspect(engine).get_table_names()
        if re.fullmatch(rf"{table}_\d+_\d+", name)
    )
    oldest, next_one = names[2], names[3]
    with engine.begin() as connection:
        began = time.perf_counter()
        deleted = connection.exec_driver_sql(f"DELETE FROM {oldest}").rowcount
        took_delete = time.perf_counter() - began
    with engine.begin() as connection:
        count = connection.exec_driver_sql(f"SELECT count(*) FROM {next_one}").scalar() or 0
        began = time.perf_counter()
        connection.exec_driver_sql(f"DROP TABLE {next_one}")
        connection.exec_driver_sql(
            f"UPDATE row_counts SET n = n - {count} WHERE table_name = '{table}' AND slot = 0"
        )
        took_drop = time.perf_counter() - began
    return (
        f"DELETE of {deleted:,} rows {1000 * took_delete:.0f} ms,"
        f" DROP of {count:,} rows {1000 * took_drop:.0f} ms"
    )


def analyze(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
