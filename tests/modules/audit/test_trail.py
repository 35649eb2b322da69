"""Writing the trail: with the change or not at all, and what is told of it."""

import datetime as dt
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.documents.models import Document
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.contract.statements import recorded as statements_of
from tests.factories import Factory
from tests.modules.audit.steps import actions, recorded


@pytest.fixture
def document(app: Flask) -> Iterator[Document]:
    """A document that is saved, in an app context."""
    with app.app_context():
        document = Document(title="Plan", type="plan", size=0)
        db.session.add(document)
        db.session.commit()
        yield document


def changes(app: Flask) -> Any:
    """Those of the only row."""
    [entry] = recorded(app)
    return entry.changes


class TestTransaction:
    def test_is_that_of_the_change(self, app: Flask, document: Document) -> None:
        document.title = "Other"
        trail.record(None, "documents.update", document)
        db.session.rollback()

        document.type = "other"
        db.session.commit()

        assert recorded(app) == []

    def test_keeps_nothing_for_the_next_one(self, app: Flask, document: Document) -> None:
        document.title = "Other"
        db.session.commit()

        document.type = "other"
        trail.record(None, "documents.update", document)
        db.session.commit()

        assert changes(app) == {"type": {"from": "plan", "to": "other"}}

    def test_has_the_change_over_several_flushes(self, app: Flask, document: Document) -> None:
        for title in ("One", "Two", "Three"):
            document.title = title
            db.session.flush()
        trail.record(None, "documents.update", document)
        db.session.commit()

        assert changes(app) == {"title": {"from": "Plan", "to": "Three"}}

    def test_forgets_what_is_undone_to_a_savepoint(self, app: Flask, document: Document) -> None:
        document.size = 5
        savepoint = db.session.begin_nested()
        document.title = "Undone"
        trail.record(None, "documents.update", document)
        savepoint.rollback()
        trail.record(None, "documents.update", document)
        db.session.commit()

        assert changes(app) == {"size": {"from": 0, "to": 5}}

    def test_keeps_what_a_savepoint_keeps(self, app: Flask, document: Document) -> None:
        with db.session.begin_nested():
            document.title = "Kept"
        trail.record(None, "documents.update", document)
        db.session.commit()
        assert changes(app) == {"title": {"from": "Plan", "to": "Kept"}}

    def test_of_a_savepoint_is_that_of_the_whole(self, app: Flask, document: Document) -> None:
        with db.session.begin_nested():
            document.title = "Undone"
            trail.record(None, "documents.update", document)
        db.session.rollback()
        db.session.commit()

        assert recorded(app) == []

    def test_has_no_row_for_an_update_that_changes_nothing(
        self, app: Flask, document: Document
    ) -> None:
        document.title = "Plan"
        trail.record(None, "documents.update", document)
        db.session.commit()

        assert recorded(app) == []

    def test_has_no_row_where_what_is_told_is_as_it_was(
        self, app: Flask, document: Document
    ) -> None:
        trail.record(None, "documents.tag", document, tags=(["a"], ["a"]))
        db.session.commit()

        assert recorded(app) == []

    def test_tells_of_a_secret_that_it_changed(self, app: Flask, document: Document) -> None:
        trail.record(None, "documents.update", document, tags=([], []), key=trail.UNNAMED)
        db.session.commit()

        assert changes(app) == {"key": {"from": None, "to": None}}

    def test_has_a_row_for_each_of_several(self, app: Flask, user: ApiClient) -> None:
        ids = [user.post("/api/documents", json={"title": f"Plan {n}"})["id"] for n in range(3)]

        user.post("/api/documents/batch-delete", json={"ids": ids}, status=200)

        rows = recorded(app)[3:]
        assert [row.action for row in rows] == ["documents.delete"] * 3
        assert sorted(row.target_id or "" for row in rows) == sorted(map(str, ids))
        assert len({row.request_id for row in rows}) == 1

    @pytest.mark.parametrize("method", ["POST", "DELETE"])
    def test_writes_its_rows_last(
        self, app: Flask, user: ApiClient, document: Document, method: str
    ) -> None:
        """The counts of the rows are locks, which all have to take in the same order."""
        path = {"POST": "/api/documents"}.get(method, f"/api/documents/{document.id}")
        document.author_id = user.user_id
        db.session.commit()
        with statements_of(app) as statements:
            user.open(method, path, json={"title": "Plan"})

        changing = [s for s in statements if re.match("INSERT|UPDATE|DELETE", s)]
        assert len(changing) > 1
        assert changing[-1].startswith("INSERT INTO audit_entries")

    def test_of_many_at_once_blocks_nobody(
        self, app: Flask, user: ApiClient, admin: ApiClient
    ) -> None:

        def add_and_delete(_: int) -> list[int]:
            client = ApiClient(app, user.token)
            added = client.open("POST", "/api/documents", json={"title": "Plan"})
            path = f"/api/documents/{added.get_json()['data']['id']}"
            return [added.status_code, client.open("DELETE", path).status_code]

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(add_and_delete, range(24))) == [[201, 200]] * 24
        assert len(actions(admin)) == 48


class TestChanges:
    @pytest.mark.parametrize(
        ("value", "told"),
        [
            ("x" * 201, "x" * 200 + "…"),
            (["x" * 201], ["x" * 200 + "…"]),
            (list(range(300)), list(range(200))),
            ({1, 2}, [1, 2]),
            (Decimal("12.50"), 12.5),
            (dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC), "2026-11-24T12:00:00Z"),
            ({"at": dt.datetime(2026, 11, 24, tzinfo=dt.UTC)}, {"at": "2026-11-24T00:00:00Z"}),
            (True, True),
        ],
    )
    def test_are_plain_and_short(
        self, app: Flask, document: Document, value: Any, told: Any
    ) -> None:
        trail.record(None, "documents.update", document, something=(None, value))
        db.session.commit()

        assert changes(app) == {"something": {"from": None, "to": told}}

    def test_of_something_new_are_what_it_has(self, app: Flask, document: Document) -> None:
        made = Document(title="New", type="note", size=3, content="private")
        db.session.add(made)
        trail.record(None, "documents.create", made)
        db.session.commit()

        told = changes(app)
        assert told["title"] == {"from": None, "to": "New"}
        assert told["content"] == {"from": None, "to": None}
        assert {"id", "createdAt", "updatedAt", "folder", "folderKey"}.isdisjoint(told)

    def test_have_no_secret_and_nothing_private(
        self, app: Flask, super_admin: ApiClient, make: Factory
    ) -> None:
        body = {"email": "ada@example.com", "name": "Ada", "password": "a secret sentence"}
        ada = super_admin.post("/api/users", json=body)
        super_admin.put(f"/api/users/{ada['id']}", json={"password": "another secret one"})
        make.sign_in(ada["id"]).post(
            "/api/documents", json={"title": "Diary", "content": "a private thought"}
        )
        with app.app_context():
            hashed = db.session.scalar(sa.select(User.hashed_password).filter_by(id=ada["id"]))

        created, updated, written = recorded(app)
        assert created.changes["email"] == {"from": None, "to": "ada@example.com"}
        assert updated.changes == {"password": {"from": None, "to": None}}
        everything = str([row.changes for row in (created, updated, written)])
        for hidden in ("secret", "private", str(hashed), "$argon2"):
            assert hidden not in everything
