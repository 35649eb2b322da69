"""What one change costs: CPU of the worker and of PostgreSQL, statements and round trips.

    python -m benchmarks.costs                                   # without wrk
    python -m benchmarks.costs "create a document" "send a message"

One client sends one request after another, so nothing waits for anything else, and the CPU of the
processes is that of the requests.
"""

import dataclasses as dc
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.client import JSON, Client, tokens
from benchmarks.data import PASSWORD
from benchmarks.declarations import ORDINARY
from benchmarks.measure import LOAD_CPU
from benchmarks.servers import API, BARE_FLASK, Server, serving
from benchmarks.stage import Options, Stage, stage
from benchmarks.table import markdown, within
from halolight.app import create_app
from tests.contract.statements import recorded, round_trips

REQUESTS = 500  # of each kind in a round
IN_A_ROW = 25  # of one kind, before the next kind has its turn
WARM_UP = 50
BARE_ROUTES = within(10)  # that creating or updating a document may cost

BARE = "bare Flask route"
HEAD = ("", "worker µs", "PostgreSQL µs", "bare routes", "statements", "round trips")

# What PostgreSQL calls a process of the API.
_BACKENDS = sa.text("SELECT pid FROM pg_stat_activity WHERE application_name = 'halolight'")

FORM = "----benchmark"


@dc.dataclass(frozen=True)
class Change:
    """A request of which no two are the same: its body gets the number of the request."""

    name: str
    method: str
    path: str  # may contain the `{id}` of what was created with `first`
    body: Callable[[int], Any]
    first: Mapping[str, Any] | None = None
    has_goal: bool = False

    def content(self, number: int) -> tuple[bytes | str, dict[str, str]]:
        """The body as it is sent, and its headers."""
        body = self.body(number)
        if isinstance(body, bytes):
            return body, {"Content-Type": f"multipart/form-data; boundary={FORM}"}
        return json.dumps(body), JSON


def _file(number: int) -> bytes:
    lines = (
        f"--{FORM}",
        f'Content-Disposition: form-data; name="file"; filename="notes {number}.txt"',
        "Content-Type: text/plain",
        "",
        f"The notes of day {number}.",
        f"--{FORM}--",
        "",
    )
    return "\r\n".join(lines).encode()


def _document(number: int) -> dict[str, Any]:
    text = f"The text of document {number}. " * 20
    return {"title": f"Document {number}", "content": text, "tags": ["plan", "2030"]}


def _event(number: int) -> dict[str, Any]:
    start = f"2026-12-{1 + number % 28:02}T{number % 24:02}"
    times = {"start": f"{start}:00:00Z", "end": f"{start}:30:00Z"}
    return {"title": f"Meeting {number}", **times, "attendeeIds": [7]}


DOCUMENT = {"title": "Plan", "content": "First, ..."}
EVENT = {"title": "Meeting", "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z"}

CHANGES = (
    Change("create a document", "POST", "/api/documents", _document, has_goal=True),
    Change(
        "update title and content of a document", "PUT", "/api/documents/{id}",
        lambda number: {k: v for k, v in _document(number).items() if k != "tags"},
        DOCUMENT, has_goal=True,
    ),
    Change(
        "rename a document", "PATCH", "/api/documents/{id}/rename",
        lambda number: {"title": f"Document {number}"}, DOCUMENT,
    ),
    Change(
        "send a message", "POST", "/api/messages",
        lambda number: {"recipientId": 9, "content": f"Message {number}"},
    ),
    Change("upload a small file", "POST", "/api/files/upload", _file),
    Change("create an event", "POST", "/api/calendar/events", _event),
    Change(
        "update an event", "PUT", "/api/calendar/events/{id}",
        lambda number: {"title": f"Meeting {number}"}, EVENT,
    ),
)  # fmt: skip


@dc.dataclass(frozen=True)
class Cost:
    """Microseconds of CPU for a request."""

    worker: float
    database: float

    @property
    def whole(self) -> float:
        return self.worker + self.database


def run(options: Options) -> str:
    return table(REQUESTS * options.rounds)


def table(requests: int, names: Sequence[str] = ()) -> str:
    """All changes beside the bare route, in turns; the median of many short runs.

    A machine that others use is slower at one moment than at another, so the turns are short.
    """
    rounds = requests // IN_A_ROW
    changes = [change for change in CHANGES if not names or change.name in names]
    with stage() as prepared, serving(BARE_FLASK, env=prepared.env) as bare:
        traffic = {change.name: _traffic(prepared, change) for change in changes}
        with serving(API, env=prepared.env) as api:
            connects = {BARE: _bare(bare)}
            connects |= {change.name: _sender(api, change) for change in changes}
            costs = _measure(connects, [bare, api], prepared, rounds)
    rows = [[BARE, f"{costs[BARE].worker:,.0f}", "", "1.0", "", ""]]
    for change in changes:
        cost = costs[change.name]
        ratio = cost.whole / costs[BARE].whole
        rows.append(
            [
                change.name,
                f"{cost.worker:,.0f}",
                f"{cost.database:,.0f}",
                BARE_ROUTES.judge(ratio, ".1f") if change.has_goal else f"{ratio:.1f}",
                *map(str, traffic[change.name]),
            ]
        )
    return markdown(HEAD, rows)


Send = Callable[[int], object]
Connect = Callable[[], Send]  # a connection that waits for long is closed


def _measure(
    connects: Mapping[str, Connect],
    servers: Sequence[Server],
    prepared: Stage,
    rounds: int,
) -> dict[str, Cost]:
    number = 0
    found: dict[str, list[Cost]] = {name: [] for name in connects}
    for connect in connects.values():
        send = connect()
        for _ in range(WARM_UP):
            send(number := number + 1)
    workers = [pid for server in servers for pid in server.workers]
    with prepared.engine.connect() as connection:
        backends = list(connection.scalars(_BACKENDS))
    for _ in range(rounds):
        for name, connect in connects.items():
            send = connect()
            send(number := number + 1)
            before = _spent(workers), _spent(backends)
            for _ in range(IN_A_ROW):
                send(number := number + 1)
            worker, database = _spent(workers) - before[0], _spent(backends) - before[1]
            found[name].append(Cost(worker / IN_A_ROW / 1e3, database / IN_A_ROW / 1e3))
    return {
        name: Cost(
            statistics.median(cost.worker for cost in each),
            statistics.median(cost.database for cost in each),
        )
        for name, each in found.items()
    }


def _spent(pids: Sequence[int]) -> int:
    """Nanoseconds of CPU that the threads of these processes have used; `stat` knows 10 ms."""
    files = (path for pid in pids for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(path.read_text().split()[0]) for path in files)


def _bare(server: Server) -> Connect:
    def connect() -> Send:
        client = Client(server.url)
        return lambda number: client.send("GET", "/")

    return connect


def _sender(api: Server, change: Change) -> Connect:
    """Several accounts in turns, because what a user has is counted and added up."""
    accounts = []
    for token in tokens(api.url, ORDINARY):
        headers = {"Authorization": f"Bearer {token}"}
        path = change.path
        if change.first:
            collection = path.partition("/{id}")[0]
            made = Client(api.url, headers).post(collection, change.first)
            path = path.format(id=made["data"]["id"])
        accounts.append((path, headers))

    def connect() -> Send:
        client = Client(api.url)

        def send(number: int) -> None:
            path, headers = accounts[number % len(accounts)]
            body, kind = change.content(number)
            client.send(change.method, path, body, headers | kind)

        return send

    return connect


def _traffic(prepared: Stage, change: Change) -> tuple[int, int]:
    """How many statements and round trips it takes, BEGIN and COMMIT among the latter."""
    with _client(prepared) as (app, client):
        signed_in = client.post("/api/auth/login", json={"email": ORDINARY, "password": PASSWORD})
        headers = {"Authorization": f"Bearer {signed_in.json['accessToken']}"}
        path = change.path
        if change.first:
            made = client.post(path.partition("/{id}")[0], json=change.first, headers=headers)
            path = path.format(id=made.json["data"]["id"])
        return _count(app, client, change, path, headers)


def _count(app: Any, client: Any, change: Change, path: str, headers: Any) -> tuple[int, int]:
    for number in range(8):  # the statements are prepared by then
        body, kind = change.content(-number)
        with recorded(app) as statements, round_trips() as trips:
            response = client.open(path, method=change.method, data=body, headers=headers | kind)
        assert response.status_code < 300, response.text
    return len(statements), len(trips)


@contextmanager
def _client(prepared: Stage) -> Iterator[tuple[Any, Any]]:
    os.environ.update(prepared.env)
    app = create_app()
    yield app, app.test_client()


if __name__ == "__main__":
    os.sched_setaffinity(0, {LOAD_CPU})  # and so PostgreSQL, which we start
    print(table(REQUESTS, sys.argv[1:]))
