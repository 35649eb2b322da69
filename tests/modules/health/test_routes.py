"""Health: an answer for people, a probe of the process, and a probe of what it needs."""

import datetime as dt
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from halolight.extensions import db
from halolight.modules.health import checks, migrations
from tests.api_client import ApiClient, validator
from tests.contract.operations import NOWHERE, application
from tests.contract.statements import is_postgresql, recorded
from tests.databases import new_database


def body_of(response: TestResponse, app: Flask, status: int) -> dict[str, Any]:
    """The body, which is as documented and in no envelope."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.get_json()
    validator(app, response.request.path, "get", str(status)).validate(body)
    assert "success" not in body
    moment = dt.datetime.fromisoformat(body["timestamp"])
    assert body["timestamp"].endswith("Z")
    assert abs(dt.datetime.now(dt.UTC) - moment) < dt.timedelta(minutes=1)
    return body


def full_disk(**_: Any) -> BinaryIO:
    return Path("/dev/full").open("wb")


@pytest.fixture
def lost() -> Iterator[Flask]:
    """An application whose database is away."""
    with application(DATABASE_URL=NOWHERE) as app:
        yield app


@pytest.mark.parametrize("path", ["/health", "/health/live"])
class TestAlive:
    def test_answers_as_the_specification_has_it(
        self, app: Flask, anonymous: ApiClient, path: str
    ) -> None:
        body = body_of(anonymous.open("GET", path), app, 200)

        assert list(body) == ["status", "timestamp"]
        assert body["status"] == "ok"

    def test_touches_no_database(self, app: Flask, anonymous: ApiClient, path: str) -> None:
        with recorded(app) as statements:
            anonymous.open("GET", path)

        assert statements == []

    def test_answers_while_the_database_is_away(self, lost: Flask, path: str) -> None:
        assert body_of(ApiClient(lost).open("GET", path), lost, 200)["status"] == "ok"

    def test_asks_for_no_token_and_minds_no_wrong_one(self, app: Flask, path: str) -> None:
        assert ApiClient(app, "wrong").open("GET", path).status_code == 200


class TestReady:
    def test_is_not_while_nothing_can_be_written(
        self, app: Flask, anonymous: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(**_: Any) -> None:
            raise OSError(errno.EROFS, "Read-only file system")

        monkeypatch.setattr("tempfile.TemporaryFile", refuse)

        body = body_of(anonymous.open("GET", "/health/ready"), app, 503)

        # The disk of PostgreSQL is another, which only PostgreSQL knows.
        database = "ok" if is_postgresql(app) else "away"
        expected = {"database": database, "migrations": "ok", "storage": "away"}
        assert body["checks"] == expected

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
    @pytest.mark.database("sqlite")
    def test_is_not_while_the_disk_is_full(
        self, app: Flask, anonymous: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An empty file can still be made on it."""
        monkeypatch.setattr("tempfile.TemporaryFile", full_disk)
        monkeypatch.setattr("os.fsync", lambda _: None)  # which this device always refuses

        body = body_of(anonymous.open("GET", "/health/ready"), app, 503)

        assert body["checks"] == {"database": "away", "migrations": "ok", "storage": "away"}

    def test_tells_that_all_is_well(self, app: Flask, anonymous: ApiClient) -> None:
        body = body_of(anonymous.open("GET", "/health/ready"), app, 200)

        assert body["status"] == "ok"
        assert body["checks"] == {"database": "ok", "migrations": "ok", "storage": "ok"}

    def test_leaves_nothing_behind(self, app: Flask, anonymous: ApiClient) -> None:
        folder = Path(app.instance_path) / "uploads"
        folder.mkdir(parents=True, exist_ok=True)
        before = set(folder.iterdir())

        anonymous.open("GET", "/health/ready")

        assert set(folder.iterdir()) == before

    def test_names_a_database_that_is_away(self, lost: Flask) -> None:
        body = body_of(ApiClient(lost).open("GET", "/health/ready"), lost, 503)

        assert body["status"] == "unavailable"
        assert body["checks"] == {"database": "away", "migrations": "away", "storage": "ok"}

    def test_names_a_storage_that_cannot_be_written(
        self, app: Flask, anonymous: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "STORAGE_URL", "file:/dev/null/uploads")

        body = body_of(anonymous.open("GET", "/health/ready"), app, 503)

        assert body["checks"] == {"database": "ok", "migrations": "ok", "storage": "away"}

    def test_names_a_redis_that_is_away(
        self, app: Flask, anonymous: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "REDIS_URL", "redis://127.0.0.1:1/0")

        body = body_of(anonymous.open("GET", "/health/ready"), app, 503)

        assert body["checks"].pop("redis") == "away"
        assert set(body["checks"].values()) == {"ok"}

    def test_keeps_the_cause_for_the_log(
        self,
        anonymous: ApiClient,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def fail() -> None:
            raise OSError("disk of host-17 is full")

        monkeypatch.setattr(checks, "check_storage", fail)
        caplog.set_level("WARNING", "halolight")

        response = anonymous.open("GET", "/health/ready")

        assert response.status_code == 503
        assert "host-17" not in response.text
        assert "disk of host-17 is full" in caplog.text


class TestMigrations:
    """Ready means migrated by this version of the code."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def empty(self, request: pytest.FixtureRequest) -> Iterator[Flask]:
        """An application on a database without a table."""
        if request.param == "sqlite":
            with application() as app:
                yield app
            return
        with (
            new_database(request.getfixturevalue("postgresql_server")) as url,
            application(DATABASE_URL=url) as app,
        ):
            yield app

    def state(self, app: Flask, status: int) -> str:
        body = body_of(ApiClient(app).open("GET", "/health/ready"), app, status)
        assert body["checks"]["database"] == "ok"
        return str(body["checks"]["migrations"])

    def test_missing_ones_are_named_until_they_have_run(self, empty: Flask) -> None:
        assert self.state(empty, 503) == "missing"
        with empty.app_context():
            flask_migrate.upgrade()
            flask_migrate.downgrade()  # the last one
        empty.extensions.pop(migrations.CURRENT, None)
        assert self.state(empty, 503) == "missing"
        with empty.app_context():
            flask_migrate.upgrade()

        assert self.state(empty, 200) == "ok"

    def test_a_newer_database_is_told_apart(self, empty: Flask) -> None:
        migrate_to_the_future(empty)

        assert self.state(empty, 503) == "newer"

    def test_a_server_that_was_ready_stays_so_and_asks_no_more(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While another machine migrates to the next version."""
        assert self.state(app, 200) == "ok"
        monkeypatch.setattr(migrations, "FOLDER", Path("/nowhere"))
        with recorded(app) as statements:
            assert self.state(app, 200) == "ok"

        assert len(statements) == 1, statements

    def test_the_start_warns_once(self, empty: Flask, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("WARNING", "halolight")

        migrations.warn(empty)

        [record] = caplog.records
        assert "flask db upgrade" in record.getMessage()


def migrate_to_the_future(app: Flask) -> None:
    """Leave the database as a later version would: at a revision that nobody knows yet."""
    with app.app_context():
        flask_migrate.upgrade()
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = 'fffffffffff1'"))
        db.session.commit()
