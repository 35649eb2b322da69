"""Who may call what: every operation, by every role, by nobody, and with a token too old."""

import datetime as dt

import pytest
import time_machine
from flask import Flask

from halolight.modules.roles.system import SYSTEM_ROLES
from tests.api_client import ApiClient
from tests.factories import Factory

from .operations import AUTHENTICATED, OPERATIONS, PUBLIC, JsonObject, Operation, assert_documented

# Section 3 of the contract, written out. What other modules need is only in `roles/system.py`.
OWN = ("view", "create", "update", "delete")
GRANTS = {
    "super_admin": {"*"},
    "admin": {
        *("users:*", "roles:*", "permissions:*", "teams:*", "documents:*", "files:*", "folders:*"),
        *("messages:*", "notifications:*", "calendar:*", "dashboard:*", "orders:*", "audit:view"),
        "settings:*",
    },
    "user": {
        *("dashboard:view", "teams:view", "settings:view"),
        *(f"documents:{action}" for action in OWN),
        *(f"files:{action}" for action in OWN),
        *(f"folders:{action}" for action in OWN),
        *(f"messages:{action}" for action in OWN),
        *(f"calendar:{action}" for action in OWN),
        *("notifications:view", "notifications:update", "notifications:delete"),
    },
    "guest": {"dashboard:view"},
}
NOBODY, EXPIRED = "nobody", "a token too old"
GRANTED = {name: set(grants) for name, (_, _, grants) in SYSTEM_ROLES.items()}
CALLERS = (*GRANTS, NOBODY, EXPIRED)
OPEN, UNAUTHORIZED, FORBIDDEN = 0, 401, 403


def resource_of(permission: str) -> str:
    return permission.partition(":")[0]


def expected(operation: Operation, caller: str) -> int:
    needed = operation.permission
    if needed is PUBLIC:
        return OPEN
    if caller not in GRANTED:
        return UNAUTHORIZED
    resource = resource_of(needed)
    held = GRANTED[caller] & {"*", f"{resource}:*", needed}
    return OPEN if held or needed == AUTHENTICATED else FORBIDDEN


def sign_in(make: Factory, caller: str) -> ApiClient:
    """A new client of this caller."""
    if caller == NOBODY:
        return ApiClient(make.app)
    if caller == EXPIRED:
        past = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
        with time_machine.travel(past):
            return make.client("super_admin")
    return make.client(caller)


@pytest.mark.database("postgresql")  # who may is decided before any other statement
@pytest.mark.parametrize("caller", CALLERS)
def test_the_door_opens_only_to_whom_the_contract_names(
    app: Flask, make: Factory, caller: str
) -> None:
    wrong = {}
    client = sign_in(make, caller)
    for operation in OPERATIONS:
        body: dict[str, JsonObject] = {"json": {}} if operation.body else {}
        response = client.open(operation.method, operation.url({}), **body)

        refused = response.status_code in {UNAUTHORIZED, FORBIDDEN}
        door = response.status_code if refused else OPEN
        if door != expected(operation, caller):
            wrong[str(operation)] = door
        assert_documented(app, operation, response)
        if not refused and operation.method != "GET":
            client = sign_in(make, caller)  # it may have ended the session, or closed the account

    assert wrong == {}


def test_the_system_roles_grant_what_the_contract_says() -> None:
    resources = {resource_of(grant) for grants in GRANTS.values() for grant in grants}
    granted = {
        name: {grant for grant in grants if resource_of(grant) in resources}
        for name, grants in GRANTED.items()
    }

    assert granted == GRANTS


def test_the_system_roles_name_no_grant_twice() -> None:
    assert [n for n, (_, _, grants) in SYSTEM_ROLES.items() if len(grants) > len(set(grants))] == []
