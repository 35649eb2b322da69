"""What operators read of the service in /metrics, beside the requests."""

import datetime as dt
import re
import smtplib
import sqlite3
import time
from collections.abc import Callable
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from prometheus_client import REGISTRY
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from time_machine import Traveller

from halolight.core import metric_families, metric_files
from halolight.core.background.mail import MAX_ATTEMPTS
from halolight.core.background.task import BackgroundTask
from halolight.core.db.base import Database
from halolight.core.db.pool import ConnectionPool
from halolight.core.storage import stores
from halolight.extensions import db, outbox
from halolight.modules.notifications.sending import notify
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


class Growth:
    """By how much a count has grown since the test began."""

    def __init__(self, name: str, **labels: str) -> None:
        self._name, self._labels = name, labels
        self._before = value(name, **labels)

    def __int__(self) -> int:
        return int(value(self._name, **self._labels) - self._before)


def sign_in(client: ApiClient, password: str, status: int, email: str = "ada@example.com") -> None:
    client.post("/api/auth/login", json={"email": email, "password": password}, status=status)


class TestLogins:
    def test_are_counted_by_outcome(self, make: Factory, anonymous: ApiClient) -> None:
        make.user(email="ada@example.com")
        outcomes = ("succeeded", "wrong", "throttled")
        growth = {outcome: Growth("logins_total", outcome=outcome) for outcome in outcomes}

        sign_in(anonymous, PASSWORD, 200)
        sign_in(anonymous, "wrong-password", 401)
        sign_in(anonymous, "wrong-password", 401, email="nobody@example.com")
        for _ in range(9):
            sign_in(anonymous, "wrong-password", 401)
        sign_in(anonymous, "wrong-password", 429)

        assert {outcome: int(grown) for outcome, grown in growth.items()} == {
            "succeeded": 1,
            "wrong": 11,
            "throttled": 1,
        }


class TestRefusals:
    def test_are_counted_by_reason(self, user: ApiClient, app: Flask) -> None:
        growth = {
            reason: Growth("refusals_total", status=status, reason=reason)
            for status, reason in (
                ("401", "no_token"),
                ("401", "token"),
                ("401", "password"),
                ("403", "permission"),
            )
        }

        ApiClient(app).get("/api/users/me", status=401)
        ApiClient(app, "no.token.atall").get("/api/users/me", status=401)
        sign_in(ApiClient(app), "wrong-password", 401)
        user.post("/api/users", json={}, status=403)

        assert {reason: int(grown) for reason, grown in growth.items()} == {
            "no_token": 1,
            "token": 1,
            "password": 1,
            "permission": 1,
        }

    def test_have_no_reason_that_comes_from_a_request(self, project: Path) -> None:
        texts = [path.read_text() for path in (project / "halolight").rglob("*.py")]
        given = {name for text in texts for name in re.findall(r"\breason=([^,)\s]+)", text)}
        literal = {name for name in given if re.fullmatch(r'"[a-z_]+"', name)}

        assert len(literal) > 8
        assert given - literal == {"reason"}  # handed on by the errors themselves


class TestMail:
    def test_that_waits_is_measured(
        self, app: Flask, mailbox: Mailbox, clock: Traveller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.extensions, "send_mail", None)
        with app.app_context():
            for email in ("ada@example.com", "bob@example.com"):
                outbox.enqueue("password_reset", email=email)
            db.session.commit()
        clock.shift(60)

        mailbox.deliver()

        assert value("mail_queue_length", state="waiting") == 2
        assert 60 <= value("mail_queue_oldest_seconds") < 90

    def test_is_counted_by_outcome(
        self, app: Flask, make: Factory, clock: Traveller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make.user(email="ada@example.com")
        outcomes = ("sent", "failed", "given_up", "dropped")
        growth = {
            outcome: Growth("mails_total", template="password_reset", outcome=outcome)
            for outcome in outcomes
        }
        sent: list[EmailMessage] = []

        def fail(message: EmailMessage) -> None:
            raise smtplib.SMTPException("no")

        def deliver(email: str, send: Callable[[EmailMessage], None], times: int = 1) -> None:
            monkeypatch.setitem(app.extensions, "send_mail", send)
            with app.app_context():
                outbox.enqueue("password_reset", email=email)
                db.session.commit()
                for _ in range(times):
                    outbox.deliver()
                    clock.shift(dt.timedelta(days=4))

        deliver("ada@example.com", sent.append)
        deliver("nobody@example.com", sent.append)
        deliver("ada@example.com", fail, MAX_ATTEMPTS)

        assert {outcome: int(grown) for outcome, grown in growth.items()} == {
            "sent": 1,
            "failed": MAX_ATTEMPTS - 1,
            "given_up": 1,
            "dropped": 1,
        }
        assert value("mail_queue_length", state="given_up") == 1
        assert value("mail_queue_length", state="waiting") == 0
        assert value("mail_queue_oldest_seconds") == 0


class TestBackgroundWork:
    def test_is_counted_by_task_and_outcome(self, caplog: pytest.LogCaptureFixture) -> None:
        flask = Flask("tests")
        works = Growth("background_runs_total", task="sweep", outcome="succeeded")
        fails = Growth("background_runs_total", task="break", outcome="failed")

        def task(name: str, function: Callable[[], Any]) -> BackgroundTask:
            return BackgroundTask(flask, function, delay=0, interval=None, at_stop=False, name=name)

        task("sweep", lambda: None).run()
        task("break", lambda: 1 / 0).run()

        assert (int(works), int(fails)) == (1, 1)
        assert value("background_seconds_total", task="sweep") > 0

    def test_of_the_application_has_names_of_its_own(self, app: Flask) -> None:
        names = [task._name for task in app.extensions["background_tasks"]]

        assert {"outbox", "counter_visits", "counter_document_views"} <= set(names)
        assert len(names) == len(set(names))


class TestStorage:
    def test_operations_are_counted(
        self, user: ApiClient, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stored = Growth("storage_operations_total", operation="complete", outcome="succeeded")
        missing = Growth("storage_operations_total", operation="size", outcome="succeeded")
        failed = Growth("storage_operations_total", operation="complete", outcome="failed")

        with app.app_context():
            incoming = stores.current().receive()
            incoming.write(b"some bytes")
            incoming.complete()
            incoming.discard()
            assert stores.current().size("0" * 64) is None
        monkeypatch.setattr("halolight.core.storage.disk.run_in_io_thread", _fail)
        form = {"file": (BytesIO(b"text"), "a.txt")}
        user.post("/api/files/upload", data=form, status=503)

        assert (int(stored), int(missing), int(failed)) == (1, 1, 1)
        assert value("storage_seconds_total", operation="complete") > 0


def _fail(*_: Any, **__: Any) -> None:
    raise OSError("the disk is full")


class TestNotifications:
    def test_are_counted_when_they_are_committed(self, app: Flask, make: Factory) -> None:
        users = [make.user().id for _ in range(3)]
        grown = Growth("notifications_total", type="task")

        with app.app_context():
            notify(users, kind="task", title="Lost")
            db.session.rollback()
            assert int(grown) == 0
            with db.session.begin_nested():
                notify(users, kind="task", title="Kept")
            assert int(grown) == 0
            db.session.commit()

        assert int(grown) == 3


class TestConnections:
    @pytest.mark.database("postgresql")
    def test_are_those_of_the_pool(self, app: Flask, anonymous: ApiClient) -> None:
        with app.app_context():
            pool = db.engine.pool
            assert isinstance(pool, ConnectionPool)
            with db.engine.connect():
                metric_families.measure_worker(pool.connections, 0.25)

        assert value("database_connections", state="used") == 1
        assert value("database_connections_limit") == 20
        assert value("workers") == 1
        assert value("worker_memory_bytes") > 20e6
        assert value("event_loop_delay_seconds") == 0.25

    def test_waits_are_counted(self) -> None:
        waits = Growth("database_connection_waits_total")
        before = value("database_connection_wait_seconds_total")

        def slow() -> Any:
            time.sleep(0.02)
            return sqlite3.connect(":memory:")

        pool = ConnectionPool(slow)
        pool.connect().close()
        pool.connect().close()
        pool.give_back(pool.take())

        assert int(waits) == 1
        assert 0.01 < value("database_connection_wait_seconds_total") - before < 1


class TestAway:
    def test_database_is_counted(self, user: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
        grown = Growth("service_unavailable_total", what="database")

        def away(*_: Any, **__: Any) -> None:
            raise sa.exc.OperationalError("", {}, Exception("away"))

        monkeypatch.setattr(Database, "rows", away)
        user.get("/api/documents", status=503)

        assert int(grown) == 1


class TestFiles:
    def test_of_a_worker_that_has_ended_lose_its_gauges_and_keep_its_counts(
        self, tmp_path: Path
    ) -> None:
        for name in ("counter_7.db", "gauge_livesum_7.db", "gauge_mostrecent_7.db", "counter_8.db"):
            file = MmapedDict(str(tmp_path / name))  # type: ignore[no-untyped-call]
            file.write_value(mmap_key("n", "n", [], [], ""), 3, 1)  # type: ignore[no-untyped-call]
            file.close()  # type: ignore[no-untyped-call]

        metric_files.merge_ended(str(tmp_path), 7)

        left = {file.name for file in tmp_path.glob("*.db")}
        assert left == {"counter_ended.db", "counter_8.db"}
