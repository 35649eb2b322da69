"""Reads stay cheap: few statements, few round trips."""

import re
from typing import Any

import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.factories import Factory

from .operations import OPERATIONS, furnish
from .statements import recorded, round_trips

READS = [operation for operation in OPERATIONS if operation.method == "GET"]
LISTS = ["/api/users", "/api/documents", "/api/files", "/api/messages", "/api/notifications"]

MEETING = {"title": "Meeting", "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z"}
MOVED = {
    "title": "Lunch",
    "start": "2026-12-01T12:00:00Z",
    "end": "2026-12-01T13:00:00Z",
    "reminders": [10],
}
DAILY = {"recurrence": {"rule": "FREQ=DAILY;COUNT=5"}}

# What is created, and changes of it that several services take part in.
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "/api/documents",
        {"title": "Plan", "content": "old", "tags": ["old"]},
        {"title": "Minutes", "content": "new", "tags": ["new"], "folder": "Work"},
    ),
    (
        "/api/orders",
        {"customer": "Ada", "items": [{"name": "Pen", "quantity": 1, "price": "3.00"}]},
        {"customer": "Bo", "items": [{"name": "Ink", "quantity": 2, "price": "4.00"}]},
    ),
    (
        "/api/users",
        {"email": "ada@example.com", "name": "Ada", "password": "correct horse battery"},
        {"name": "Bo", "email": "bo@example.com", "status": "inactive", "role": "admin"},
    ),
    ("/api/calendar/events", MEETING | {"reminders": [5]}, MOVED),
    ("/api/calendar/events", MEETING, MOVED | DAILY),
    ("/api/calendar/events", MEETING | DAILY | {"reminders": [5]}, MOVED),
    ("/api/calendar/events", MEETING | DAILY, MOVED | {"recurrence": None}),
    ("/api/teams", {"name": "Red"}, {"name": "Blue", "description": "They paint."}),
]

MOST_STATEMENTS = 2  # who is calling, and what they ask for
MOST_ROUND_TRIPS = 3


class TestStatements:
    """All reads in one case, since they change no row that another one reads."""

    def test_of_a_super_admin_are_few(
        self, app: Flask, make: Factory, super_admin: ApiClient
    ) -> None:
        _, rows = furnish(make)
        read = self.reads(app, super_admin, rows)

        # Where it is not 200, furnish() makes no row for it.
        assert {name: r for name, r in read.items() if r[0] != 200} == {}
        assert {name: r for name, r in read.items() if len(r[1]) > MOST_STATEMENTS} == {}

    def test_of_an_ordinary_user_are_few(self, app: Flask, make: Factory) -> None:
        owner_id, rows = furnish(make)
        read = self.reads(app, make.sign_in(owner_id), rows)

        assert {name: r for name, r in read.items() if r[0] not in {200, 403}} == {}
        assert {name: r for name, r in read.items() if len(r[1]) > MOST_STATEMENTS} == {}

    @staticmethod
    def reads(
        app: Flask, client: ApiClient, rows: dict[str, Any]
    ) -> dict[str, tuple[int, list[str]]]:
        """The status and the statements of each read."""
        found = {}
        for operation in READS:
            query = operation.required_query(rows)
            with recorded(app) as statements:
                response = client.open("GET", operation.url(rows), query_string=query)
            found[str(operation)] = (response.status_code, statements)
        assert len(found) > 50
        return found


@pytest.mark.parametrize(("path", "created", "changed"), CHANGES)
def test_a_change_updates_its_row_once(
    app: Flask,
    super_admin: ApiClient,
    path: str,
    created: dict[str, Any],
    changed: dict[str, Any],
) -> None:
    id_ = super_admin.post(path, json=created)["id"]

    with recorded(app) as statements:
        super_admin.put(f"{path}/{id_}", json=changed)

    table = path.rpartition("/")[2]
    update = re.compile(f"UPDATE {table} SET .* WHERE {table}.id = {id_}\\b", re.DOTALL)
    # SQLite reports a statement once more for each trigger that it fires.
    assert len({each for each in statements if update.match(each)}) == 1


@pytest.mark.database("postgresql")
@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_few_round_trips(app: Flask, super_admin: ApiClient, path: str) -> None:
    super_admin.get(path)  # the connection is there already, as it usually is

    with round_trips() as trips:
        super_admin.get(path)

    assert 2 <= len(trips) <= MOST_ROUND_TRIPS
