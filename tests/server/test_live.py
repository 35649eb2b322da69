"""Live events over real workers: at once, from one to another, and none lost or doubled."""

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from tests.api_client import ApiClient
from tests.conftest import prepare
from tests.factories import Factory
from tests.server.listener import Listener
from tests.server.load import outcome
from tests.server.neighbour import application_beside
from tests.server.proxy import accepts
from tests.server.running_server import (
    PATIENCE,
    RunningServer,
    Settings,
    eventually,
    flask,
    free_port,
    production,
    running_server,
)

SENT, SENDERS, RECONNECTS = 1000, 4, 100
ONE_SECOND, A_MOMENT = 1.0, 0.3
CUT_OFF = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND query LIKE 'LISTEN %'"
)
REDIS = shutil.which("redis-server")
ENDS_WITHIN = 5.0  # seconds after a sign-out


def send(server: RunningServer, admin: ApiClient, title: str, user_id: int) -> int | str:
    body = {"title": title, "userIds": [user_id]}
    return outcome(lambda: server.post("/api/notifications", json=body, token=admin.token))


def read_metrics(server: RunningServer) -> bytes:
    with suppress(OSError):  # its only worker was killed
        return server.get("/metrics").body
    return b"streams_open 5.0"


@pytest.fixture
def sqlite(tmp_path: Path, hashed_password: str) -> tuple[Settings, Factory]:
    """The settings of a server on SQLite, and what makes its users."""
    settings = production(f"sqlite:///{tmp_path}/live.db", tmp_path / "uploads")
    flask(settings, "db", "upgrade")
    app = application_beside(settings)
    prepare(app)
    return settings, Factory(app, hashed_password)


@contextmanager
def running_redis(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    port = free_port()
    options = ("--port", f"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", f"{folder}")
    process = subprocess.Popen([f"{REDIS}", *options], stdout=subprocess.DEVNULL)
    try:
        assert eventually(lambda: accepts(port))
        yield process, f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


class TestAnEventOfAnotherWorker:
    def test_comes_within_a_second(self, settings: Settings, app: Flask, make: Factory) -> None:
        self.comes(settings, make)

    def test_comes_within_a_second_with_sqlite(self, sqlite: tuple[Settings, Factory]) -> None:
        self.comes(*sqlite)

    @pytest.mark.skipif(REDIS is None, reason="redis-server is not installed")
    def test_comes_within_a_second_by_redis_and_without_it_a_little_later(
        self, settings: Settings, app: Flask, make: Factory, tmp_path: Path
    ) -> None:
        with running_redis(tmp_path) as (redis, url):
            by_redis = {**settings, "REDIS_URL": url}
            self.comes(by_redis, make)
            with running_server(by_redis) as server:
                admin, user = make.client("admin"), make.client()
                with Listener(server, user.token) as listener:
                    assert listener.wait_for("unread")
                    redis.kill()
                    redis.wait()
                    assert send(server, admin, "Late", user.user_id) == 201
                    assert listener.wait_for("notification", within=ENDS_WITHIN)

    @staticmethod
    def comes(settings: Settings, make: Factory) -> None:
        """As of another machine: of a server of its own."""
        admin, user = make.client("admin"), make.client()
        with ExitStack() as stack:
            one = {**settings, "WEB_CONCURRENCY": "1"}
            here, there = (stack.enter_context(running_server(one)) for _ in range(2))
            listener = stack.enter_context(Listener(there, user.token))
            assert listener.wait_for("unread")
            took = []
            for number in range(1, 6):
                assert send(here, admin, f"Number {number}", user.user_id) == 201
                before = time.monotonic()
                events = listener.wait_for("notification", number=number)
                assert events[-1].data["title"] == f"Number {number}"
                took.append(events[-1].at - before)

            assert max(took) < ONE_SECOND, took


def test_a_listener_that_was_cut_off_listens_again(
    settings: Settings, app: Flask, make: Factory
) -> None:
    admin, user = make.client("admin"), make.client()
    with running_server({**settings, "WEB_CONCURRENCY": "1"}) as server:
        with Listener(server, user.token) as listener:
            assert listener.wait_for("unread")
            assert eventually(lambda: cut_off_listeners(app))
            assert send(server, admin, "Late", user.user_id) == 201
            assert listener.wait_for("notification", within=ENDS_WITHIN)
            assert eventually(lambda: cut_off_listeners(app))  # there is another one
        assert "cannot listen" in server.log()


def cut_off_listeners(app: Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return len(connection.execute(CUT_OFF).all())


class TestNothingIsLostOrDoubled:
    """A client that is cut off again and again, while workers are killed."""

    def test_with_four_workers(self, settings: Settings, app: Flask, make: Factory) -> None:
        self.survives({**settings, "WEB_CONCURRENCY": "4"}, make, sent=SENT)

    def test_with_sqlite_and_two_workers(self, sqlite: tuple[Settings, Factory]) -> None:
        settings, make = sqlite
        self.survives({**settings, "WEB_CONCURRENCY": "2"}, make, sent=SENT // 5)

    def survives(self, settings: Settings, make: Factory, *, sent: int) -> None:
        admin, user = make.client("admin"), make.client()
        received: list[str] = []
        ids: list[str | None] = []
        with running_server(settings) as server, ThreadPoolExecutor(SENDERS) as senders:
            with Listener(server, user.token) as listener:
                assert listener.wait_for("unread")
                last_id = listener.last_id
            sending = [
                senders.submit(send, server, admin, f"Number {number}", user.user_id)
                for number in range(sent)
            ]
            for number in range(RECONNECTS):
                if number == RECONNECTS // 2:
                    os.kill(server.workers()[0], signal.SIGKILL)
                last_id = self.listen(server, user, last_id, received, ids, sent // RECONNECTS)
            outcomes = Counter(each.result() for each in sending)
            counted = server.get("/api/notifications/unread-count", token=user.token)
            unread = counted.data["count"]
            latest = time.monotonic() + PATIENCE
            while len(received) < unread:
                before = len(received)
                last_id = self.listen(server, user, last_id, received, ids, unread - before)
                assert len(received) > before or time.monotonic() < latest, "nothing more comes"

        assert unread >= outcomes[201] > sent / 2, outcomes
        assert Counter(received).most_common(1)[0][1] == 1
        assert len(received) == unread
        numbers = [int(str(id_).partition("-")[2]) for id_ in ids]
        assert numbers == list(range(1, unread + 1))

    @staticmethod
    def listen(
        server: RunningServer,
        user: ApiClient,
        last_id: str | None,
        received: list[str],
        ids: list[str | None],
        number: int,
    ) -> str | None:
        """Connect, take some events, cut the connection; returns the id of the last."""
        try:
            listener = Listener(server, user.token, last_id)
        except OSError:  # its worker was killed
            return last_id
        with listener:
            assert listener.status == 200
            listener.wait_for("notification", number=number, within=A_MOMENT)
        assert listener.of("reset") == []
        events = listener.of("notification")
        received += [event.data["title"] for event in events]
        ids += [event.id for event in events]
        return listener.last_id


def test_a_stream_ends_soon_after_the_session(
    four_workers: RunningServer, app: Flask, make: Factory
) -> None:
    user = make.client()
    with Listener(four_workers, user.token) as listener:
        assert listener.wait_for("unread")
        four_workers.post("/api/auth/logout", token=user.token)
        before = time.monotonic()

        [event] = listener.wait_for("session-ended")
        assert event.at - before < ENDS_WITHIN
        assert listener.ended.wait(ONE_SECOND)


def test_a_stop_tells_all_to_reconnect_and_is_quick(
    settings: Settings, app: Flask, make: Factory
) -> None:
    users = [make.client() for _ in range(10)]
    with ExitStack() as stack:
        server = stack.enter_context(running_server(settings))
        listeners = [stack.enter_context(Listener(server, user.token)) for user in users]
        assert all(listener.wait_for("unread") for listener in listeners)

        server.ask_to_stop()

        before = time.monotonic()
        assert server.exit_status() == 0
        assert time.monotonic() - before < 10
        reasons = [event.data for each in listeners for event in each.wait_for("reconnect")]
        assert reasons == [{"reason": "stopping"}] * len(users)
        retries = {listener.retry for listener in listeners}
        assert len(retries) > len(users) / 2  # spread


def test_clients_that_have_gone_make_room_for_others(
    settings: Settings, app: Flask, make: Factory
) -> None:
    user = make.client()
    with running_server({**settings, "WEB_CONCURRENCY": "1"}) as server:
        for _ in range(20):
            with Listener(server, user.token) as listener:
                assert listener.status == 200
        with ExitStack() as stack:
            opened = [stack.enter_context(Listener(server, user.token)) for _ in range(6)]
            assert [listener.status for listener in opened] == [200] * 5 + [429]
            assert b"streams_open 5.0" in server.get("/metrics").body
            os.kill(server.workers()[0], signal.SIGKILL)
            assert eventually(lambda: b"streams_open 5.0" not in read_metrics(server))


def test_no_log_has_a_ticket(settings: Settings, app: Flask, make: Factory) -> None:
    user = make.client()
    with running_server(settings) as server:
        ticket = server.post("/api/stream/ticket", token=user.token).data["ticket"]
        refused = server.get(f"/api/stream?ticket={ticket}x")
        assert refused.status == 401
        assert eventually(lambda: "GET" in server.log() and "/api/stream" in server.log())
        assert ticket not in server.log()
