"""Figures and filtered lists at 1,000 and at 1,000,000 rows: the CPU of a request, not its time.

The API answers in this process; the CPU is that of the process and of its PostgreSQL together.
Busy machines so show the same figures as idle ones.
"""

import dataclasses as dc
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from benchmarks.data import BASIC_SIZE, PASSWORD, ROWS, grow
from benchmarks.declarations import ADMIN
from benchmarks.stage import Options, Stage, stage
from benchmarks.table import Goal, markdown, show, under
from halolight import create_app
from halolight.config import Config

HEAVY = "person9@example.com"  # owns a tenth of the documents, files, events and notifications
OWNED = {
    "documents": "author_id",
    "files": "owner_id",
    "events": "owner_id",
    "notifications": "user_id",
}

WARM_UP = 8  # requests: from the fifth on, PostgreSQL keeps the plan of a statement
REQUESTS = 12


@dc.dataclass(frozen=True)
class Request:
    """A GET, who sends it, and the milliseconds that it may take at the largest size."""

    name: str
    path: str
    goal: Goal
    who: str = ADMIN


def _of_owner(name: str, path: str, goal: float) -> Request:
    return Request(f"owner of a tenth: {name}", path, under(goal), HEAVY)


DASHBOARD = "/api/dashboard"
PATHS = [
    *(
        _of_owner(f"{table}, page {page:,}", f"{path}?page={page}", goal)
        for table, path in (
            ("documents", "/api/documents"),
            ("files", "/api/files"),
            ("notifications", "/api/notifications"),
        )
        for page, goal in ((1, 20), (1000, 60))
    ),
    _of_owner("documents of a type", "/api/documents?type=report", 30),
    _of_owner("notifications that are read", "/api/notifications?read=true", 30),
    _of_owner("stats", f"{DASHBOARD}/stats", 20),
    *(
        Request(f"dashboard: {name}", f"{DASHBOARD}/{path}", under(20))
        for name, path in (
            ("stats", "stats"),
            ("best sellers", "products"),
            ("latest orders", "orders"),
            ("latest changes", "activities"),
            ("sales of 36 months", "sales?months=36"),
            ("files by type", "pie?by=fileType"),
            ("documents by type", "pie?by=documentType"),
            ("users by role", "pie?by=role"),
            ("pieces by category", "pie?by=orderCategory"),
        )
    ),
    *(
        Request(f"{path.partition('?')[0][5:]}?{path.partition('?')[2]}", path, under(30))
        for path in (
            "/api/users?status=ACTIVE",
            "/api/users?role=user",
            "/api/users?role=user&status=ACTIVE",
            "/api/documents?type=report",
            "/api/documents?folder=Projects",
            "/api/documents?shared=true",
            "/api/documents?shared=false",
            "/api/documents?tag=none",
            "/api/documents?type=report&page=1000",
            "/api/files?type=document",
            "/api/files?favorite=false",
            "/api/folders",
            "/api/orders?status=paid",
            "/api/orders?from=2024-01-01",
            "/api/orders?status=paid&from=2024-01-01",
            "/api/products?category=Category%201",
            "/api/calendar/events?type=meeting",
            "/api/audit?action=auth.login",
        )
    ),
]


def run(options: Options) -> str:
    sizes = (BASIC_SIZE, options.rows)
    measured: dict[int, dict[str, tuple[float, int | None]]] = {}
    with stage() as prepared:
        for size in sizes:
            print(f"figures: {size:,} rows", file=sys.stderr)
            for table in ROWS:
                grow(prepared.engine, table, size)
            own(prepared.engine)
            measured[size] = measure(prepared)
    return table_of(measured)


def own(engine: sa.Engine) -> None:
    """Give a tenth of everything to one user."""
    owner = "(SELECT id FROM users WHERE email = :email)"
    with engine.begin() as connection:
        for table, column in OWNED.items():
            statement = f"UPDATE {table} SET {column} = {owner} WHERE id % 10 = 0"
            connection.execute(sa.text(statement), {"email": HEAVY})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
        connection.execute(sa.text("CHECKPOINT"))


def measure(prepared: Stage) -> dict[str, tuple[float, int | None]]:
    """The milliseconds of CPU of each request, and the total that a list says."""
    app = create_app(Config.from_env({**prepared.env, "LOG_LEVEL": "ERROR"}))
    clients = {who: _signed_in(app.test_client(), who) for who in (ADMIN, HEAVY)}
    found = {}
    for each in PATHS:
        get = clients[each.who]
        for _ in range(WARM_UP):
            data = get(each.path)
        before = _cpu(prepared.engine)
        for _ in range(REQUESTS):
            get(each.path)
        spent = (_cpu(prepared.engine) - before) / REQUESTS
        found[each.name] = (spent, data.get("total") if isinstance(data, dict) else None)
    return found


def _signed_in(client: FlaskClient, email: str) -> Any:
    """A function that requests a path as this user and returns the data."""
    login = {"email": email, "password": PASSWORD}
    token = client.post("/api/auth/login", json=login).get_json()["data"]["accessToken"]

    def get(path: str) -> Any:
        response = client.get(path, headers={"Authorization": f"Bearer {token}"})
        if response.status_code != 200:
            raise RuntimeError(f"GET {path}: {response.status_code} {response.text[:300]}")
        return response.get_json()["data"]

    return get


def _cpu(engine: sa.Engine) -> float:
    """The milliseconds of CPU that this process and all connections to PostgreSQL have used."""
    return time.process_time() * 1000 + sum(_of_backends(engine))


def _of_backends(engine: sa.Engine) -> Iterator[float]:
    backends = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
    with engine.connect() as connection:
        for pid in connection.scalars(sa.text(backends)):
            nanoseconds = Path(f"/proc/{pid}/schedstat").read_text().split()[0]
            yield int(nanoseconds) / 1e6


def table_of(measured: dict[int, dict[str, tuple[float, int | None]]]) -> str:
    smallest, largest = min(measured), max(measured)
    rows = [
        [
            each.name,
            "" if (total := measured[largest][each.name][1]) is None else f"{total:,}",
            f"{measured[smallest][each.name][0]:.1f}",
            show(measured[largest][each.name][0], each.goal, ".1f"),
        ]
        for each in PATHS
    ]
    head = ("CPU of a request", "total", f"{smallest:,} rows, ms", f"{largest:,} rows, ms")
    return markdown(head, rows)
