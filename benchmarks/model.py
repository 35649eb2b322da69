"""`python -m benchmarks.model 1000 100000`: what so many active users a day need, by assumption.

The figures are assumptions and measurements of a small machine, not promises: put in your own.
`--sizes` measures the bytes of a row, with its part of the indexes, on a PostgreSQL of its own.
"""

import argparse
import dataclasses as dc
import math

import sqlalchemy as sa

from benchmarks.stage import stage
from benchmarks.table import markdown

# What an active user does on a day. A page of the front end asks for about 5 things.
SIGN_INS = 2
REFRESHES = 8  # one every 15 minutes, for two hours
READS = 60 * 5  # pages
POLLS = 120  # of unread counts: once a minute
DOCUMENTS = 3  # changes
MESSAGES = 10
EVENTS = 2
READ_MARKS = 15  # messages and notifications that are marked as read
UPLOADS = 0.5
UPLOAD_BYTES = 500_000
BUSY_HOUR = 0.2  # the part of a day's requests in its busiest hour

# CPU seconds for a request: of a worker measured (benchmarks/README.md), of PostgreSQL estimated.
CPU = {"read": 0.00065, "write": 0.0025, "sign in": 0.031}
DATABASE_CPU = {"read": 0.00035, "write": 0.0012, "sign in": 0.002}
FULL = 0.6  # how busy a core may be in the busiest hour, so that bursts wait little
WORKERS_PER_MACHINE = 8
CONNECTIONS_PER_WORKER = 20  # DB_POOL_SIZE + DB_MAX_OVERFLOW

# Rows that an active user adds on a day, and bytes of a row with its indexes: `--sizes` measured
# those of messages, notifications, events and files; the others are estimates.
ROWS = {
    "audit_entries": SIGN_INS + DOCUMENTS + MESSAGES + EVENTS + READ_MARKS + UPLOADS,
    "messages": MESSAGES,
    "message_receipts": 2 * MESSAGES,
    "notifications": 5,
    "documents": DOCUMENTS / 3,
    "events": EVENTS,
    "files": UPLOADS,
    "sessions": SIGN_INS,
    "daily_visitors": 1 + SIGN_INS,
}
BYTES = {
    "audit_entries": 700,
    "messages": 240,
    "message_receipts": 360,
    "notifications": 280,
    "documents": 2_000,
    "events": 720,
    "files": 1_050,
    "sessions": 500,
    "daily_visitors": 120,
}


@dc.dataclass(frozen=True)
class Need:
    """What the busiest hour and a year need."""

    users: int
    requests: float  # on a day
    rate: float  # a second in the busiest hour
    workers: int
    database_cores: float
    rows: float  # on a day
    database_bytes: float  # on a day
    file_bytes: float  # on a day

    @property
    def connections(self) -> int:
        return self.workers * CONNECTIONS_PER_WORKER


def requests_of_user() -> dict[str, float]:
    """What one active user asks on a day, by what it costs."""
    writes = REFRESHES + DOCUMENTS + MESSAGES + EVENTS + READ_MARKS + UPLOADS
    return {"read": READS + POLLS, "write": writes, "sign in": SIGN_INS}


def need(users: int) -> Need:
    asked = requests_of_user()
    busiest = {kind: users * number * BUSY_HOUR / 3600 for kind, number in asked.items()}
    cores = sum(busiest[kind] * CPU[kind] for kind in busiest) / FULL
    return Need(
        users=users,
        requests=users * sum(asked.values()),
        rate=sum(busiest.values()),
        workers=max(2, math.ceil(cores)),  # two, so that one may fail
        database_cores=sum(busiest[kind] * DATABASE_CPU[kind] for kind in busiest) / FULL,
        rows=users * sum(ROWS.values()),
        database_bytes=users * sum(ROWS[table] * BYTES[table] for table in ROWS),
        file_bytes=users * UPLOADS * UPLOAD_BYTES,
    )


DEFAULT = [100, 1_000, 10_000, 100_000, 1_000_000]  # active users
HEAD = (
    *("active users", "requests a day", "a second, busiest hour", "workers", "machines"),
    *(
        "connections",
        "cores of PostgreSQL",
        "rows a day",
        "GB of tables a year",
        "TB of files a year",
    ),
)


def row(of: Need) -> list[str]:
    return [
        f"{of.users:,}",
        f"{of.requests:,.0f}",
        f"{of.rate:,.0f}",
        f"{of.workers:,}",
        f"{math.ceil(of.workers / WORKERS_PER_MACHINE):,}",
        f"{of.connections:,}",
        f"{of.database_cores:,.1f}",
        f"{of.rows:,.0f}",
        f"{365 * of.database_bytes / 1e9:,.0f}",
        f"{365 * of.file_bytes / 1e12:,.1f}",
    ]


def sizes() -> str:
    """The bytes of a row of each table with 1,000 rows or more, with its part of the indexes."""
    with stage() as prepared, prepared.engine.connect() as connection:
        found = []
        for table in ROWS:
            count = connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table))) or 0
            size = connection.scalar(sa.select(sa.func.pg_total_relation_size(table))) or 0
            if count >= 1000:
                found.append([table, f"{count:,}", f"{size / count:,.0f}", f"{BYTES[table]:,}"])
    return markdown(("table", "rows", "bytes a row", "assumed"), found)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model", description=__doc__)
    parser.add_argument("users", type=int, nargs="*", default=DEFAULT)
    parser.add_argument("--sizes", action="store_true", help="measure the bytes of a row")
    arguments = parser.parse_args()
    if arguments.sizes:
        print(sizes())
    else:
        print(markdown(HEAD, [row(need(users)) for users in arguments.users]))


if __name__ == "__main__":
    main()
