"""`python -m benchmarks.poolers`: 1, 2 and 4 workers, with and without PgBouncer, in one run.

Nothing is pinned: on a machine of two cores, workers, PostgreSQL, PgBouncer and wrk share them.
"""

import os
from contextlib import ExitStack

import sqlalchemy as sa

from benchmarks.client import tokens
from benchmarks.declarations import ADMIN
from benchmarks.measure import ALL_CPUS, Target, interleaved, require_wrk
from benchmarks.servers import API, serving
from benchmarks.stage import stage
from benchmarks.table import markdown
from tests.server.pgbouncer import pgbouncer

WORKERS = (1, 2, 4)
CALLERS = 8
ROUNDS, SECONDS = 3, 3
PATHS = ("/api/users", "/api/documents")
POOL = {"DB_POOL_SIZE": "10", "DB_MAX_OVERFLOW": "20"}  # the defaults
COUNT = sa.text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'halolight'")


def main() -> None:
    require_wrk()
    rows = []
    with (
        stage() as prepared,
        pgbouncer(prepared.env["DATABASE_URL"], pool_mode="transaction") as url,
    ):
        for workers in WORKERS:
            number = {"WEB_CONCURRENCY": str(workers)}
            for name, more in (("directly", {}), ("PgBouncer", {"DATABASE_URL": url})):
                kept = connections(prepared.engine) if name == "directly" else 0  # of PgBouncer
                with ExitStack() as stack:
                    env = prepared.env | POOL | number | more
                    api = stack.enter_context(serving(API, env=env, cpus=ALL_CPUS))
                    accounts = tokens(api.url, ADMIN)
                    target = Target(
                        name,
                        api.url,
                        api.workers,
                        tokens=accounts,
                        script="reads.lua",
                        arguments=PATHS,
                        cpus=ALL_CPUS,
                    )
                    [result] = interleaved(
                        [target], rounds=ROUNDS, connections=CALLERS, seconds=SECONDS
                    ).values()
                    backends = connections(prepared.engine) - kept
                rows.append(
                    [f"{workers}, {name}", f"{result.rate:,.0f}", f"{result.cpu:,.0f}",
                     f"{result.p50:.1f}", f"{result.p99:.1f}", str(10 * workers), str(backends),
                     str(result.failures)]
                )  # fmt: skip
    head = ("workers", "req/s", "CPU µs", "p50 ms", "p99 ms", "connections of the workers",
            "of PostgreSQL", "failed")  # fmt: skip
    print(f"{len(ALL_CPUS)} cores, load average {os.getloadavg()[0]:.1f}\n\n{markdown(head, rows)}")


def connections(engine: sa.Engine) -> int:
    """How many PostgreSQL has of the API, or of PgBouncer for it."""
    with engine.connect() as connection:
        return connection.scalar(COUNT) or 0


if __name__ == "__main__":
    main()
