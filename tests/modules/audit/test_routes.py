"""Reading the trail: its rows, what narrows them, who may."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core.clock import isoformat, utcnow
from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from tests.api_client import ApiClient
from tests.contract.operations import OPERATIONS
from tests.each import each
from tests.factories import Factory
from tests.modules.audit.steps import actions, entries
from tests.modules.documents.steps import write
from tests.modules.roles.holders import client_holding


class TestRow:
    def test_says_who_did_what_to_which_from_where(self, admin: ApiClient, make: Factory) -> None:
        ada = make.client(name="Ada")
        document = write(ada, "Plan")
        headers = {"X-Request-ID": "request-5", "User-Agent": "Browser " + "x" * 300}

        ada.put(
            f"/api/documents/{document['id']}",
            json={"title": "Plan B", "content": "private", "tags": ["new"]},
            headers=headers,
            environ_overrides={"REMOTE_ADDR": "2001:db8::1"},
        )

        entry = entries(admin)[0]
        assert entry == {
            "id": entry["id"],
            "actor": {"id": ada.user_id, "name": "Ada"},
            "action": "documents.update",
            "targetType": "documents",
            "targetId": document["id"],
            "targetName": "Plan B",
            "changes": {
                "title": {"from": "Plan", "to": "Plan B"},
                "content": {"from": None, "to": None},
                "size": {"from": 0, "to": 7},
                "tags": {"from": [], "to": ["new"]},
            },
            "ip": "2001:db8::1",
            "userAgent": headers["User-Agent"][:255],
            "requestId": "request-5",
            "createdAt": entry["createdAt"],
        }
        assert entry["createdAt"].endswith("Z")

    def test_names_a_role_by_its_name(self, super_admin: ApiClient) -> None:
        super_admin.post("/api/roles", json={"name": "clerks", "label": "Clerks"})

        assert entries(super_admin)[0]["targetId"] == "clerks"

    def test_keeps_the_name_of_who_was_deleted(self, admin: ApiClient, make: Factory) -> None:
        ada = make.client(name="Ada")
        write(ada)

        admin.delete(f"/api/users/{ada.user_id}")

        deleted, written = entries(admin)
        assert (deleted["action"], deleted["targetName"]) == ("users.delete", "Ada")
        assert written["actor"] == {"id": ada.user_id, "name": "Ada"}


class TestFilters:
    @pytest.fixture
    def ada(self, make: Factory, admin: ApiClient) -> ApiClient:
        """Wrote a document and deleted it, after the admin made a team."""
        ada = make.client()
        admin.post("/api/teams", json={"name": "Team"})
        document = write(ada)
        ada.delete(f"/api/documents/{document['id']}")
        return ada

    @each(
        ("query", "found"),
        [
            ("", ["documents.delete", "documents.create", "teams.create"]),
            ("sortOrder=asc", ["teams.create", "documents.create", "documents.delete"]),
            ("action=documents.create", ["documents.create"]),
            ("action=Documents.Create", ["documents.create"]),
            ("action=all", ["documents.delete", "documents.create", "teams.create"]),
            ("targetType=teams", ["teams.create"]),
            ("targetType=documents&action=teams.create", []),
            ("actorId={ada}", ["documents.delete", "documents.create"]),
            ("actorId={admin}", ["teams.create"]),
            ("targetType=documents&targetId=999999", []),
        ],
    )
    def test_narrow_the_list(
        self, admin: ApiClient, ada: ApiClient, query: str, found: list[str]
    ) -> None:
        query = query.format(ada=ada.user_id, admin=admin.user_id)

        assert actions(admin, query) == found

    def test_find_what_happened_to_one_thing(self, admin: ApiClient, ada: ApiClient) -> None:
        target = entries(admin)[0]["targetId"]

        found = actions(admin, f"targetType=documents&targetId={target}")

        assert found == ["documents.delete", "documents.create"]

    def test_narrow_to_a_time(
        self, admin: ApiClient, user: ApiClient, clock: time_machine.Traveller
    ) -> None:
        times = []
        for title in ("one", "two", "three"):
            times.append(isoformat(utcnow()).replace("+", "%2B"))
            write(user, title)
            clock.shift(60)

        def found(query: str) -> list[str]:
            return [entry["targetName"] for entry in entries(admin, query)]

        assert found(f"from={times[1]}") == ["three", "two"]
        assert found(f"to={times[1]}") == ["one"]
        assert found(f"from={times[1]}&to={times[2]}") == ["two"]

    def test_pages_do_not_overlap(self, admin: ApiClient, user: ApiClient) -> None:
        for number in range(5):
            write(user, f"Plan {number}")

        pages = [admin.get(f"/api/audit?pageSize=2&page={page}") for page in (1, 2, 3)]

        assert [page["total"] for page in pages] == [5, 5, 5]
        assert len({item["id"] for page in pages for item in page["items"]}) == 5

    @pytest.mark.database("sqlite")
    @each("query", ["actorId=x", "from=yesterday", "sortBy=action", "page=0"])
    def test_refuse_bad_parameters(self, admin: ApiClient, query: str) -> None:
        admin.get(f"/api/audit?{query}", status=400)


class TestAccess:
    def test_is_for_who_may_view_it(self, make: Factory, user: ApiClient) -> None:
        assert entries(client_holding(make, "audit:view")) == []
        user.get("/api/audit", status=403)

    def test_no_operation_edits_it(self) -> None:
        methods = {o.method for o in OPERATIONS if o.path.startswith("/api/audit")}

        assert methods == {"GET"}


def test_old_rows_are_not_lost_between_days(app: Flask, admin: ApiClient) -> None:
    """`from` is included, `to` is not: so the days of a calendar share no row and miss none."""
    midnight = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    with app.app_context():
        row = {"action": "a.b", "target_type": "a", "changes": {}, "created_at": midnight}
        db.session.execute(sa.insert(AuditEntry), row)
        db.session.commit()

    assert actions(admin, "from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z") == []
    assert actions(admin, "from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z") == ["a.b"]
