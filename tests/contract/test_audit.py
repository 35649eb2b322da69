"""The audit trail: what changes something leaves one row, in the same transaction, else none.

Each operation is called as a super admin who owns the rows that it names. Whether it has changed
something is read from the tables.
"""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.db.base import Model
from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.modules.auth.steps import claims

from .operations import (
    OPERATIONS,
    JsonObject,
    Operation,
    examples,
    furnish,
    resolve,
    sample,
    sample_body,
)
from .statements import recorded

# What is counted, guards against misuse or follows from a change, and is no change by itself.
ASIDE = {
    *("audit_entries", "row_counts", "login_attempts", "outgoing_mails"),
    *("stream_entries", "stream_positions"),
}
UNRECORDED = {
    "refresh",  # the session goes on as it was, only its tokens are new
    "forgotPassword",  # owes a mail, and must not tell whether there is such an account
    "resendVerification",  # the same
    "createStreamTicket",  # a part of reading
}
CHANGES_NOTHING = {
    "checkPermissions",  # asks
    "resetPassword",  # no sample has a link that works: tests/modules/audit has
    "verifyEmail",  # the same
}
# What an operation on something else does besides, with a row of its own.
BESIDE = {"conversations.create"}  # by the first message
# The parts of the API whose samples are good for a change with every operation but those.
REACHED = {
    *("auth", "users", "roles", "permissions", "teams", "documents", "notifications"),
    *("messages", "conversations"),
}
UPDATE = re.compile(r"UPDATE (\w+) SET .* WHERE \1\.(id = [0-9]+)", re.DOTALL)
REQUEST_ID = "the-request-of-this-test"

# Uploads send no JSON: their modules test them.
CHANGES = [
    operation
    for operation in OPERATIONS
    if operation.method != "GET"
    and (operation.body or "requestBody" not in operation.definition)
    and operation.id not in UNRECORDED
]


@pytest.fixture
def rows(make: Factory) -> JsonObject:
    return furnish(make)[1] | {"stranger_id": make.user().id}


@pytest.fixture
def caller(app: Flask, make: Factory, rows: JsonObject) -> ApiClient:
    """The owner of the rows, who may do everything."""
    with app.app_context():
        promoted = sa.update(User).values(role="super_admin").filter_by(id=rows["owner_id"])
        db.session.execute(promoted)
        db.session.commit()
    client = make.sign_in(rows["owner_id"])
    rows["session_id"] = claims(client.token or "")["sid"]
    return client


def bodies(operation: Operation, rows: JsonObject) -> list[JsonObject | None]:
    """What to send until it changes something: all that can be sent, what has to be, and each."""
    if operation.body is None:
        return [None]
    properties = {name: resolve(p) for name, p in operation.body["properties"].items()}
    needed = examples(rows) | {
        "userId": rows["stranger_id"],
        "ids": ids_beside(operation, rows),
        "permissions": ["documents:view", "teams:view"],
    }
    # Of a few words the second: the first, or the last, is often what is so already.
    words = {name: p["enum"][:2][-1] for name, p in properties.items() if "enum" in p}
    values = needed | {"role": rows["name"]} | words
    if operation.id == "login":
        return [{"email": "user1@example.com", "password": PASSWORD}]
    full = {name: sample(name, p, values, 7) for name, p in properties.items()}
    least = sample_body(operation.body, needed, 7)
    return [full, least, *({**least, name: value} for name, value in full.items())]


def ids_beside(operation: Operation, rows: JsonObject) -> list[int]:
    """The id in the address of one thing, for the operation on several of its kind."""
    folder = operation.path.rpartition("/")[0]
    beside = (o for o in OPERATIONS if o.path.startswith(f"{folder}/{{") and o.method == "DELETE")
    return [rows[name] for o in beside for name in o.path_parameters if name in rows][:1]


def state(app: Flask) -> list[tuple[Any, ...]]:
    """Every row of every table, but for those that are aside."""
    tables = [table for table in Model.metadata.sorted_tables if table.name not in ASIDE]
    with app.app_context():
        return [
            (table.name, *row)
            for table in tables
            for row in db.session.execute(table.select().order_by(*table.primary_key.columns))
        ]


def own(operation: Operation) -> str:
    """What making something at this address is called."""
    return f"{module(operation)}.create"


def module(operation: Operation) -> str:
    return operation.path.split("/")[2]


def trail(app: Flask) -> list[AuditEntry]:
    with app.app_context():
        return list(db.session.scalars(sa.select(AuditEntry)))


@pytest.mark.database("postgresql")  # where each statement is recorded once
@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_a_change_updates_no_row_twice(
    app: Flask, caller: ApiClient, rows: JsonObject, operation: Operation
) -> None:
    for body in bodies(operation, rows):
        with recorded(app) as statements:
            caller.open(
                operation.method,
                operation.url(rows),
                query_string=operation.required_query(rows),
                **({} if body is None else {"json": body}),
            )
        updated = [match.groups() for each in statements if (match := UPDATE.match(each))]
        assert len(updated) == len(set(updated)), statements


@pytest.mark.database("postgresql")  # where the row travels with a later statement
@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_a_change_leaves_one_row_and_nothing_else_does(
    app: Flask, caller: ApiClient, rows: JsonObject, operation: Operation
) -> None:
    before = state(app)
    for body in bodies(operation, rows):
        response = caller.open(
            operation.method,
            operation.url(rows),
            headers={"X-Request-ID": REQUEST_ID},
            query_string=operation.required_query(rows),
            **({} if body is None else {"json": body}),
        )
        changed = state(app) != before
        found = [entry for entry in trail(app) if entry.action not in BESIDE - {own(operation)}]
        assert len(found) == changed, response.text
        if changed:
            assert response.status_code < 400, f"refused, and yet it changes: {response.text}"
            break

    for entry in found:
        assert entry.action.partition(".")[0] == module(operation)
        assert entry.request_id == REQUEST_ID
        assert entry.actor_id is not None
    if module(operation) in REACHED:
        assert changed is (operation.id not in CHANGES_NOTHING), response.text
