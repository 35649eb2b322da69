"""Reads stay cheap: few statements, few round trips."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from halolight.core.db.reads import PREPARE_AFTER
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.files.steps import upload

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
    ("/api/calendar/events", MEETING | DAILY, MOVED | {"recurrence": {"rule": "FREQ=WEEKLY"}}),
    ("/api/teams", {"name": "Red"}, {"name": "Blue", "description": "They paint."}),
]

Write = Callable[[ApiClient, dict[str, int], str], Any]  # with ids, and a text that is new


def create_document(user: ApiClient, _: dict[str, int], text: str) -> None:
    document = {"title": text, "content": text, "tags": ["plan", "2030"]}
    user.post("/api/documents", json=document)


def update_document(user: ApiClient, ids: dict[str, int], text: str) -> None:
    user.put(f"/api/documents/{ids['document']}", json={"title": text, "content": text})


def send_message(user: ApiClient, ids: dict[str, int], text: str) -> None:
    user.post("/api/messages", json={"recipientId": ids["other"], "content": text})


def upload_file(user: ApiClient, _: dict[str, int], text: str) -> None:
    upload(user, text.encode(), f"{text}.txt")


def create_event(user: ApiClient, ids: dict[str, int], text: str) -> None:
    invited = {"title": text, "attendeeIds": [ids["other"]]}
    user.post("/api/calendar/events", json=MEETING | invited)


def update_event(user: ApiClient, ids: dict[str, int], text: str) -> None:
    user.put(f"/api/calendar/events/{ids['event']}", json={"title": text})


# Statements, and round trips with those of the commit. Who is calling and what the answer shows
# are two of both.
WRITES: list[tuple[Write, int, int]] = [
    (create_document, 7, 5),
    (update_document, 8, 6),
    (send_message, 12, 10),
    (upload_file, 10, 8),
    (create_event, 11, 10),
    (update_event, 7, 7),
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


@pytest.mark.database("postgresql")
@pytest.mark.parametrize(("write", "most_statements", "most_trips"), WRITES)
def test_a_write_takes_few_statements_and_round_trips(
    app: Flask, make: Factory, write: Write, most_statements: int, most_trips: int
) -> None:
    user = make.sign_in(make.user().id)
    ids = {
        "other": make.user().id,
        "document": user.post("/api/documents", json={"title": "Plan"})["id"],
        "event": user.post("/api/calendar/events", json=MEETING)["id"],
    }
    for again in range(PREPARE_AFTER + 1):  # everything is there and prepared, as it usually is
        with recorded(app) as statements, round_trips() as trips:
            write(user, ids, str(again))

    assert len(statements) <= most_statements, statements
    assert len(trips) <= most_trips


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
