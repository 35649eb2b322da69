"""What PostgreSQL ends to resolve a deadlock is tried once more, and nobody hears of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.documents.models import Document
from halolight.modules.files.content import uploading
from halolight.modules.notifications import service as notifications
from halolight.modules.notifications.models import Notification
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.modules.files.steps import upload
from tests.modules.notifications.steps import tell, unread
from tests.server.running_server import eventually

from .statements import engine

PATIENCE = 60  # seconds
# Anybody in this database. PostgreSQL looks for a deadlock a second later, and only once.
WAITING = sa.text(
    "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE datname = current_database() AND NOT granted"
)

READ_ALL = "/api/notifications/read-all"


@contextmanager
def deadlock(
    app: Flask, call: Callable[[], Any], first: sa.Executable, second: sa.Executable
) -> Iterator[Any]:
    """Call between two statements of another transaction: the call waits for the first and blocks
    the second. Only the call looks for a deadlock in time, so PostgreSQL ends the call."""
    with ThreadPoolExecutor(1) as pool:
        with engine(app).begin() as rival:
            rival.execute(sa.text("SET LOCAL deadlock_timeout = '1min'"))
            rival.execute(first)
            answer = pool.submit(call)
            assert eventually(lambda: rival.scalar(WAITING), within=PATIENCE)
            rival.execute(second)
        yield answer.result(PATIENCE)


def actions(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


class Ended(Exception):
    """What the driver raises."""

    def __init__(self, pgcode: str) -> None:
        super().__init__(pgcode)
        self.pgcode = pgcode


def failing(calls: list[str], *pgcodes: str) -> Callable[..., int]:
    """A service that fails with each of these at its first calls."""

    def service(*_: Any, **__: Any) -> int:
        calls.append("called")
        if len(calls) > len(pgcodes):
            return 0
        raise sa.exc.OperationalError(None, None, Ended(pgcodes[len(calls) - 1]))

    return service


@pytest.mark.database("postgresql")  # SQLite has one transaction at a time
class TestDeadlock:
    """PostgreSQL ends the request that began to wait first: the deletion, or any other change."""

    def test_a_document_is_changed_all_the_same(
        self, app: Flask, admin: ApiClient, user: ApiClient
    ) -> None:
        """It locks the document, then its author for a new version; a deletion does the reverse."""
        body = {"title": "Plan", "content": "text"}
        made = user.post("/api/documents", json=body)
        author = sa.select(User.id).filter_by(id=user.user_id).with_for_update()
        written = sa.select(Document.id).filter_by(id=made["id"]).with_for_update()
        path = f"/api/documents/{made['id']}"

        with deadlock(app, lambda: user.put(path, json={"content": "new"}), author, written):
            assert user.get(path)["content"] == "new"

        assert actions(app).count("documents.update") == 1

    def test_a_user_is_deleted_all_the_same(
        self, app: Flask, admin: ApiClient, user: ApiClient
    ) -> None:
        tell(app, user.user_id)
        theirs = sa.select(Notification.id).filter_by(user_id=user.user_id).with_for_update()
        them = sa.select(User.id).filter_by(id=user.user_id).with_for_update()

        with deadlock(app, lambda: admin.delete(f"/api/users/{user.user_id}"), theirs, them):
            admin.get(f"/api/users/{user.user_id}", status=404)

        assert actions(app).count("users.delete") == 1

    def test_what_is_read_is_read_and_told_once(self, app: Flask, user: ApiClient) -> None:
        tell(app, user.user_id)
        tell(app, user.user_id, title="Later")
        mine = sa.select(Notification.id).filter_by(user_id=user.user_id).with_for_update()
        later, earlier = (mine.filter_by(title=title) for title in ("Later", "Hello"))

        with deadlock(app, lambda: user.put(READ_ALL), later, earlier) as answer:
            assert (answer, unread(user)) == ({"updated": 2}, 0)

        assert actions(app).count("notifications.read-all") == 1


class TestSecondTry:
    @pytest.mark.parametrize(
        ("pgcodes", "status", "tries"),
        [
            (["40P01"], 200, 2),
            (["40001"], 200, 2),
            (["40P01", "40P01"], 503, 2),
            (["57P01"], 503, 1),  # the server is going down
        ],
    )
    def test_is_one_and_only_after_a_conflict(
        self,
        user: ApiClient,
        monkeypatch: pytest.MonkeyPatch,
        pgcodes: list[str],
        status: int,
        tries: int,
    ) -> None:
        calls: list[str] = []
        monkeypatch.setattr(notifications, "read_all_notifications", failing(calls, *pgcodes))

        user.put(READ_ALL, status=status)

        assert len(calls) == tries

    def test_reads_the_body_again(self, admin: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
        titles: list[str] = []

        def send(_: Any, data: dict[str, Any]) -> int:
            titles.append(data.pop("title"))  # services take out of it what they have dealt with
            return 1 if len(titles) == 2 else failing([], "40P01")()

        monkeypatch.setattr(notifications, "send_notification", send)

        admin.post("/api/notifications", json={"title": "Maintenance", "all": True})

        assert titles == ["Maintenance", "Maintenance"]

    def test_is_none_for_a_read_which_holds_no_locks(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[str] = []
        monkeypatch.setattr(notifications, "list_notifications", failing(calls, "40P01"))

        user.get("/api/notifications", status=503)

        assert len(calls) == 1

    def test_is_none_for_a_file_which_has_come_once(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[str] = []
        monkeypatch.setattr(uploading, "upload_file", failing(calls, "40P01"))

        upload(user, status=503)

        assert len(calls) == 1
