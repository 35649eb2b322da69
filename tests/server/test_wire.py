"""What arrives on the socket: requests that are none, that never end, and very many at once."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.connections import HEADER_SECONDS
from halolight.core.http import bodies
from halolight.extensions import db
from halolight.modules.documents.models import Document
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.server.load import at_once
from tests.server.neighbour import locked
from tests.server.running_server import (
    PATIENCE,
    Answer,
    RunningServer,
    Settings,
    eventually,
    running_server,
)

ME, LOGIN = "/api/users/me", "/api/auth/login"
MB = 1024**2
SLACK = 10.0  # seconds that a busy machine may be late

GET = "GET /health HTTP/1.1\r\nHost: localhost\r\n"
POST = f"POST {LOGIN} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = f"{POST}Transfer-Encoding: chunked\r\n\r\n"
ONE_BYTE = f"{POST}Content-Length: 60000\r\n\r\n{{"

# Each is answered with 400, in the envelope (RFC 9112, sections 2.2, 3, 5 and 6).
NO_REQUESTS = {
    "an unknown transfer coding": f"{POST}Transfer-Encoding: xchunked\r\n\r\n",
    "two codings": f"{POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "a coding after chunked": f"{POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "a coding that has no end": f"{POST}Transfer-Encoding: gzip\r\n\r\n",
    "a coding and a length": f"{POST}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{{}}",
    "two lengths": f"{POST}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{{}}",
    "a list of lengths": f"{POST}Content-Length: 2, 2\r\n\r\n{{}}",
    "a negative length": f"{POST}Content-Length: -2\r\n\r\n",
    "a length with a sign": f"{POST}Content-Length: +2\r\n\r\n{{}}",
    "a hexadecimal length": f"{POST}Content-Length: 0x2\r\n\r\n{{}}",
    "a length that is no number": f"{POST}Content-Length: \xb2\r\n\r\n{{}}",
    "no length": f"{POST}Content-Length: \r\n\r\n{{}}",
    "a length of 5000 digits": f"{POST}Content-Length: {'9' * 5000}\r\n\r\n",
    "a chunk of no size": f"{CHUNKED}x\r\n{{}}\r\n0\r\n\r\n",
    "a chunk of negative size": f"{CHUNKED}-2\r\n{{}}\r\n0\r\n\r\n",
    "a chunk without its end": f"{CHUNKED}2\r\n{{}}xx0\r\n\r\n",
    "a length in a trailer": f"{CHUNKED}2\r\n{{}}\r\n0\r\nContent-Length: 2\r\n\r\n",
    "lines that end in LF": "GET /health HTTP/1.1\nHost: localhost\n\n",
    "headers that end in LF": "GET /health HTTP/1.1\r\nHost: localhost\nA: b\n\n",
    "a line that ends in LF": "GET /health HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n",
    "CR in a header": f"{GET}A: b\rc\r\n\r\n",
    "NUL in a header": f"{GET}A: \0\r\n\r\n",
    "white space before the colon": f"{GET}A : b\r\n\r\n",
    "a folded line": f"{GET}A: b\r\n c\r\n\r\n",
    "two hosts": f"{GET}Host: localhost\r\n\r\n",
    "NUL in the path": "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a path that is not ASCII": "GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no path": "GET ? HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a broken address": "GET http://[x/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "HTTP/0.9": "GET /health\r\n\r\n",
    "HTTP/2 by surprise": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a long line": f"GET /{'a' * 9000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a line without an end": f"GET /{'a' * 90_000}",
    "a long header": f"{GET}A: {'b' * 9000}\r\n\r\n",
    "many headers": GET + 300 * "A: b\r\n" + "\r\n",
    "headers without an end": GET + 3000 * f"A: {'b' * 60}\r\n",
    "an expectation that nobody knows": f"{POST}Expect: more\r\nContent-Length: 2\r\n\r\n{{}}",
}
ODD_REQUESTS = {  # what can be answered as any other request, and never with 500
    "an absolute address": ("GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    "an empty line before": (f"\r\n{GET}\r\n", 200),
    "%00": ("GET /api/roles/a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n", 401),
    "%00 alone": ("GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    "no UTF-8": ("GET /api/%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    "no percent encoding": ("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    "an asterisk": ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    "a tunnel": ("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    "an unknown method": ("BREW /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    "a body of 30 digits": (f"{POST}Content-Length: {'9' * 30}\r\n\r\n", 413),
    "a token that is not ASCII": (f"GET {ME} HTTP/1.1\r\nAuthorization: Bearer \xff\r\n\r\n", 401),
}


@pytest.fixture(scope="module")
def one_worker(settings: Settings) -> Iterator[RunningServer]:
    with running_server({**settings, "WEB_CONCURRENCY": "1"}) as server:
        yield server


@pytest.fixture
def server(one_worker: RunningServer, app: Flask) -> RunningServer:
    """A server with a single worker, on a database that is empty."""
    return one_worker


def connect(server: RunningServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def answer_to(server: RunningServer, request: str) -> tuple[int, bytes]:
    """The status and the body."""
    with connect(server) as client:
        client.sendall(request.encode("latin-1"))
        head, _, body = client.recv(65536).partition(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if b"-Length" in line), 0)
        while len(body) < length:
            body += client.recv(65536)
    return int(head[9:12]), body


def seconds_until_closed(server: RunningServer, parts: list[str], pause: float) -> float:
    """How long the connection lasts whose client sends these parts, and then nothing."""
    with connect(server) as client:
        began = time.monotonic()
        client.settimeout(pause)
        for part in parts:
            try:
                client.sendall(part.encode())
                if not client.recv(65536):
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        client.settimeout(PATIENCE)
        try:
            while client.recv(65536):
                pass
        except ConnectionError:
            pass
        return time.monotonic() - began


class TestRequests:
    def test_that_are_none_are_refused_in_the_envelope(self, server: RunningServer) -> None:
        for name, request in NO_REQUESTS.items():
            status, body = answer_to(server, request)

            assert status == 400, name
            assert orjson.loads(body)["error"]["code"] == "VALIDATION_ERROR", name

    def test_with_bare_line_feeds_are_refused_before_their_header_is_late(
        self, server: RunningServer
    ) -> None:
        _, body = answer_to(server, NO_REQUESTS["headers that end in LF"])

        assert "bare LF" in orjson.loads(body)["error"]["message"]

    def test_that_are_odd_are_answered(self, server: RunningServer) -> None:
        statuses = {name: answer_to(server, text)[0] for name, (text, _) in ODD_REQUESTS.items()}

        assert statuses == {name: status for name, (_, status) in ODD_REQUESTS.items()}


class TestDeadlines:
    def test_close_connections_that_never_send_all(self, server: RunningServer) -> None:
        byte_by_byte = [f"{POST}Content-Length: 60000\r\n\r\n", *"{" * 60]
        chunk_by_chunk = [CHUNKED, *["1\r\n{\r\n"] * 60]
        upload = GET.replace("GET /health", "POST /api/files/upload")
        calls = {
            "a header": partial(seconds_until_closed, server, [GET], 1),
            "a header line by line": partial(
                seconds_until_closed, server, [GET, *["A: b\r\n"] * 60], 1
            ),
            "one byte of a body": partial(seconds_until_closed, server, [ONE_BYTE], 1),
            "a body byte by byte": partial(seconds_until_closed, server, byte_by_byte, 1),
            "a body chunk by chunk": partial(seconds_until_closed, server, chunk_by_chunk, 1),
            "a body that is refused": partial(
                seconds_until_closed, server, [f"{upload}Content-Length: 90000000\r\n\r\n", "x"], 1
            ),
        }

        lasted = dict(zip(calls, at_once(list(calls.values())), strict=True))

        assert all(seconds < HEADER_SECONDS + SLACK for seconds in lasted.values()), lasted
        assert lasted["one byte of a body"] > bodies.SECONDS / 2

    def test_leave_time_for_a_slow_connection(self, server: RunningServer) -> None:
        body = '{"email": "a@example.com", "password": "wrong password"}'
        parts = [f"{POST}Content-Length: {len(body)}\r\n\r\n{body[:20]}", body[20:]]
        with connect(server) as client:
            for part in parts:
                client.sendall(part.encode())
                time.sleep(1)
            assert client.recv(100).startswith(b"HTTP/1.1 401")


@contextmanager
def open_connections(server: RunningServer, number: int, sent: str) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(number):
            client = stack.enter_context(connect(server))
            client.sendall(sent.encode())
        yield


class TestManyAtOnce:
    @pytest.mark.parametrize("sent", [ONE_BYTE, GET, ""])
    def test_connections_that_wait_do_not_keep_others_out(
        self, server: RunningServer, user: ApiClient, sent: str
    ) -> None:
        """They are more than the 2000 that the worker can have."""
        with open_connections(server, 2300, sent):
            began = time.monotonic()
            statuses = [server.get(ME, token=user.token).status for _ in range(10)]
            took = time.monotonic() - began

        assert statuses == [200] * 10
        assert took < bodies.SECONDS  # so they have not only waited for the deadline

    @pytest.mark.parametrize("chunked", [False, True])
    def test_large_bodies_take_no_memory(self, server: RunningServer, chunked: bool) -> None:
        head = CHUNKED if chunked else f"{POST}Content-Length: {10 * MB}\r\n\r\n"
        piece = b"10000\r\n" + b"a" * 0x10000 + b"\r\n" if chunked else b"a" * 0x10000

        def send_nearly_all() -> int:
            with connect(server) as client:
                client.sendall(head.encode())
                try:
                    for _ in range(150):
                        client.sendall(piece)
                except ConnectionError:
                    return 413  # it was closed before all was sent
                return int(client.recv(100)[9:12])

        [worker] = server.workers()
        before = memory(worker)

        statuses = at_once([send_nearly_all] * 60)

        assert set(statuses) == {413}
        assert memory(worker) - before < 60  # MB


def memory(pid: int) -> float:
    """What a process holds, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) / 1024


class TestUnderWay:
    def test_what_one_user_does_holds_up_no_other(
        self, server: RunningServer, app: Flask, make: Factory, user: ApiClient
    ) -> None:
        """40 changes wait for a lock; the worker has 30 connections to the database."""
        greedy = make.client()
        path = f"/api/documents/{greedy.post('/api/documents', json={'title': 'Plan'})['id']}"
        change: Callable[[], Answer] = partial(
            server.put, path, json={"title": "Changed"}, token=greedy.token
        )

        with ThreadPoolExecutor(40) as threads:
            with locked(app, Document, int(path.rpartition("/")[2])):
                changes = [threads.submit(change) for _ in range(40)]
                time.sleep(1)
                others = [server.get(ME, token=user.token, timeout=3).status for _ in range(20)]
                refused = server.get(ME, token=greedy.token)
            statuses = [each.result().status for each in changes]

        assert others == [200] * 20
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json["error"]["code"] == "TOO_MANY_REQUESTS"
        assert set(statuses) == {200, 429}
        assert server.get(ME, token=greedy.token).status == 200

    def test_a_burst_of_one_user_is_answered(self, server: RunningServer, user: ApiClient) -> None:
        answers = at_once([partial(server.get, ME, token=user.token)] * 100)

        assert {answer.status for answer in answers} == {200}


COUNTED = (
    sa.select(sa.func.count())
    .select_from(sa.table("pg_stat_activity"))
    .where(sa.literal_column("datname") == sa.func.current_database())
)


class TestColdStart:
    def test_a_burst_is_answered_by_a_worker_that_has_just_started(
        self, settings: Settings, make: Factory
    ) -> None:
        clients = [make.client() for _ in range(20)]
        with running_server({**settings, "WEB_CONCURRENCY": "1"}) as server:
            calls = [partial(server.get, ME, token=client.token) for client in clients] * 20

            answers = at_once(calls)

        assert {answer.status for answer in answers} == {200}

    def test_the_pool_is_open_before_the_first_request(
        self, settings: Settings, app: Flask
    ) -> None:
        def connections() -> int:
            with app.app_context():
                return int(db.value(COUNTED))

        before = connections()
        with running_server({**settings, "WEB_CONCURRENCY": "1", "DB_POOL_SIZE": "7"}):
            assert eventually(lambda: connections() - before == 7, within=10)


class TestMetricFiles:
    def test_of_ended_workers_are_merged(self, settings: Settings, app: Flask) -> None:
        with running_server(settings) as server:
            server.from_every_worker(partial(server.get, "/nowhere"), times=5)
            for _ in range(3):
                [ended, _] = server.workers()
                end(server, ended)

            pids = {name.rpartition("_")[2].removesuffix(".db") for name in server.metric_files()}
            metrics = server.get("/metrics").body.decode()

            assert pids - {str(pid) for pid in server.workers()} == {"ended"}
        counted = 'http_requests_total{method="GET",route="unmatched",status="404"} 10.0'
        assert counted in metrics


def end(server: RunningServer, worker: int) -> None:
    """End a worker, and wait until another one has its place."""
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: worker not in server.workers() and len(server.workers()) == 2)
    assert eventually(lambda: not any(f"_{worker}.db" in name for name in server.metric_files()))
