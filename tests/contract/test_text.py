"""Text that comes in, by one rule in every place of every operation of the document."""

from collections.abc import Iterator
from typing import Any

import argon2
import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.auth.steps import everything_stored, fields

from .operations import (
    OPERATIONS,
    WITH_BODY,
    JsonObject,
    Operation,
    examples,
    furnish,
    resolve,
    sample_body,
)

pytestmark = pytest.mark.database("sqlite")  # it is refused or changed before the database is asked

SEVERAL_LINES = {"content", "description", "bio"}
SECRET = {"password", "currentPassword", "newPassword", "token", "refreshToken"}
URLS = {"avatar", "image", "link"}
COMPOSED, DECOMPOSED = "\xe9", "e\u0301"

# A PATCH beside a PUT is the same operation under another name.
CHANGES = [operation for operation in WITH_BODY if operation.method != "PATCH"]


def kinds(schema: JsonObject) -> list[str]:
    given = resolve(schema).get("type", [])
    return [given] if isinstance(given, str) else given


def texts(operation: Operation) -> Iterator[tuple[str, JsonObject]]:
    """The properties of a body that hold free text, and the lists of it."""
    for name, property_ in (operation.body or {})["properties"].items():
        schema = property_["items"] if "array" in kinds(property_) else property_
        if "string" in kinds(schema) and not schema.keys() & {"enum", "format"}:
            yield name, property_


def valued(property_: JsonObject, text: str) -> Any:
    return [text] if "array" in kinds(property_) else text


class Caller:
    """Sends bodies with one property as the test has it, as somebody who may do everything."""

    def __init__(self, make: Factory) -> None:
        self.rows = furnish(make)[1]
        self._make = make
        self._client = make.client("super_admin")
        self._number = 0

    def open(self, operation: Operation, url: str, **kwargs: Any) -> Any:
        """Call it; signed in again, if an earlier call has ended the session."""
        response = self._client.open(operation.method, url, **kwargs)
        if response.status_code == 401 and operation.permission is not None:
            self._client = self._make.sign_in(self._client.user_id)
            response = self._client.open(operation.method, url, **kwargs)
        return response

    def send(self, operation: Operation, **properties: Any) -> Any:
        self._number += 1
        body = sample_body(operation.body or {}, examples(self.rows), self._number)
        return self.open(operation, operation.url(self.rows), json=body | properties)

    def refusals(self, operation: Operation, name: str, value: Any) -> list[str]:
        """The fields that a body with this value is refused for."""
        response = self.send(operation, **{name: value})
        if response.status_code != 400:
            return []
        return [field.partition(".")[0] for field in fields(response.get_json()["error"])]


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("halolight.core.passwords._hasher", cheap)


@pytest.fixture
def caller(make: Factory) -> Caller:
    return Caller(make)


def test_is_stored_in_nfc(app: Flask, caller: Caller) -> None:
    stored = 0
    for operation in CHANGES:
        for name, property_ in texts(operation):
            value = valued(property_, f"Caf{DECOMPOSED} {name}")
            stored += caller.send(operation, **{name: value}).status_code < 300

    everything = everything_stored(app)
    assert stored > 30
    assert f"Caf{COMPOSED}" in everything
    assert [line for line in everything.split("\n") if DECOMPOSED in line] == []


SEVERAL = ["one\u2028two", "one\ntwo", "one\x1btwo", "one\x85two", "\u202egnp.exe", "a\u2066b"]


@pytest.mark.parametrize("text", SEVERAL, ids=ascii)
def test_of_one_line_has_no_line_ends_and_turns_no_direction(caller: Caller, text: str) -> None:
    taken = [
        f"{operation} {name}"
        for operation in CHANGES
        for name, property_ in texts(operation)
        if name not in SEVERAL_LINES | SECRET
        and name not in caller.refusals(operation, name, valued(property_, text))
    ]

    assert taken == []


@pytest.mark.parametrize("text", ["", " ", "\u200b\u2060", "\u3164", "\u00ad\ufe0f"], ids=ascii)
def test_that_is_required_has_something_to_see(caller: Caller, text: str) -> None:
    asked = [
        (o, n) for o in CHANGES for n, _ in texts(o) if n in (o.body or {}).get("required", [])
    ]
    taken = [
        f"{operation} {name}"
        for operation, name in asked
        if name not in SECRET | {"folder", "permissions"}
        and name not in caller.refusals(operation, name, text)
    ]

    assert len(asked) > 10
    assert taken == []


def test_with_a_tower_of_marks_is_refused_at_once(caller: Caller) -> None:
    """Python normalises a run of n marks in n*n steps: this one would take minutes."""
    tower = "a" + "\u0301\u0316" * 200_000

    for operation in CHANGES:
        for name, property_ in texts(operation):
            if "maxLength" in resolve(property_) and name not in SECRET:
                assert caller.refusals(operation, name, tower[: property_["maxLength"]]), name


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "ftp://example.com/a", "picture.png"),
        *("//evil.example", "/\\evil.example", "https:\\\\evil.example", "https:/evil.example"),
        *("https://halolight.example@evil.example", "https://", "https://a b.example", "/a b"),
        "https://example.com:99999/",
    ],
)
def test_of_an_address_leads_to_a_site_or_to_us(caller: Caller, url: str) -> None:
    asked = [(o, n) for o in CHANGES for n, _ in texts(o) if n in URLS]

    assert {name for _, name in asked} == URLS
    assert [(str(o), n) for o, n in asked if n not in caller.refusals(o, n, url)] == []


@pytest.mark.parametrize(
    "url",
    ["/", "/documents/5?a=b#c", "http://example.com", "HTTPS://example.com/\xe9.png", None],
)
def test_of_an_address_may_be_of_several_kinds(caller: Caller, url: str | None) -> None:
    asked = [(o, n) for o in CHANGES for n, _ in texts(o) if n in URLS]

    assert [(str(o), n) for o, n in asked if n in caller.refusals(o, n, url)] == []


def test_of_a_picture_that_is_empty_is_none(user: ApiClient) -> None:
    assert user.put("/api/users/me", json={"avatar": "/a.png"})["avatar"] == "/a.png"
    assert user.put("/api/users/me", json={"avatar": ""})["avatar"] is None


TIMES = ("2999-12-30t10:00:00z", "2999-12-30T24:00:00Z", "2999-12-30T23:59:60Z")


@pytest.mark.parametrize("time", TIMES)
def test_of_a_time_is_read_by_rfc_3339(caller: Caller, time: str) -> None:
    refused, asked = [], 0
    for operation in OPERATIONS:
        for name, parameter in operation.query.items():
            if parameter["schema"].get("format") == "date-time":
                asked += 1
                url = operation.url(caller.rows)
                query = dict.fromkeys([name, *operation.required_query(caller.rows)], time)
                response = caller.open(operation, url, query_string=query)
                refused += [f"{operation} {name}"] if response.status_code == 400 else []
        for name, property_ in (operation.body or {}).get("properties", {}).items():
            if property_.get("format") == "date-time":
                asked += 1
                text = caller.send(operation, **{name: time}).text
                refused += [f"{operation} {name}"] if "valid datetime" in text else []

    assert asked > 10
    assert refused == []


FULL_WIDTH = {ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)}
NO_NUMBERS = ["1_0", "\uff11", "%2B1", "%201", "1.0"]


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_of_a_number_has_ascii_digits(caller: Caller, number: str) -> None:
    wrong, asked = [], 0
    for operation in OPERATIONS:
        url = operation.url(caller.rows)
        required = operation.required_query(caller.rows)
        for name, parameter in operation.query.items():
            if "integer" in kinds(parameter["schema"]):
                asked += 1
                others = "".join(f"&{key}={value}" for key, value in required.items())
                response = caller.open(operation, f"{url}?{name}={number}{others}")
                wrong += [f"{operation} {name}"] if response.status_code != 400 else []
        for name, parameter in operation.path_parameters.items():
            if "integer" in kinds(parameter["schema"]):
                asked += 1
                # The id of a row in other digits, which must not be read as that id.
                own = str(caller.rows.get(name, 1)).translate(FULL_WIDTH)
                given = own if number in FULL_WIDTH.values() else number
                rows = {**caller.rows, **dict.fromkeys(operation.path_parameters, 1)}
                address = operation.path.format_map(rows | {name: given})
                body = (
                    sample_body(operation.body, examples(caller.rows)) if operation.body else None
                )
                response = caller.open(operation, address, json=body)
                wrong += [f"{operation} {name}"] if response.status_code != 404 else []

    assert asked > 50
    assert wrong == []


def test_of_an_empty_name_yields_to_its_alias(anonymous: ApiClient, make: Factory) -> None:
    make.user(username="ada")
    good = {"username": "ada", "password": "correct horse battery"}

    for empty in ("", " ", None):
        anonymous.post("/api/auth/login", json={**good, "email": empty}, status=200)
    for empty in ("", None):
        anonymous.post(
            "/api/auth/login", json={**good, "email": "ada", "username": empty}, status=200
        )
    anonymous.post("/api/auth/login", json={**good, "email": "somebody else"}, status=401)


def test_of_a_name_in_an_address_is_read_in_nfc(super_admin: ApiClient) -> None:
    """Nothing is called so; but it is looked for, and not refused."""
    super_admin.get(f"/api/roles/caf{DECOMPOSED}", status=404)
    super_admin.get("/api/roles/" + "\u0301" * 100, status=404)
