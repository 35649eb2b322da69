"""Bodies of every operation: what is not JSON changes nothing, and what is large costs little."""

import gzip
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask

from halolight.core.http.error_handlers import MAX_DETAILS
from tests.api_client import ApiClient
from tests.cpu import cpu_of
from tests.factories import Factory
from tests.modules.auth.steps import everything_stored

from .operations import (
    OPERATIONS,
    WITH_BODY,
    JsonObject,
    Operation,
    assert_documented,
    examples,
    furnish,
    resolve,
    sample_body,
)

KB = 1024
UNITS = {"KB": KB, "MB": KB**2}
PUBLIC_LIMIT, LIMIT = 64 * KB, KB**2
ENOUGH_CPU = 0.8  # seconds for any body that is let in; the faults took from 1 to 48

pytestmark = pytest.mark.database("sqlite")  # a body is refused before the database is asked

UNREADABLE = {
    "Latin-1": '{"x": "\xfc"}'.encode("latin-1"),
    "UTF-16": '{"x": "y"}'.encode("utf-16"),
    "gzip without its header": gzip.compress(b"{}"),
    "UTF-8 cut off": b'{"x": "\xc3"}',
    "white space": b" ",
    "no JSON": b"x=y",
}
ENCODINGS = ("gzip", "deflate", "br", "x-unknown", "identity, gzip")


@pytest.fixture
def rows(make: Factory) -> JsonObject:
    return furnish(make)[1]


class Caller:
    """Sends raw bodies to one operation, as somebody who may do everything."""

    def __init__(self, app: Flask, client: ApiClient, operation: Operation, rows: JsonObject):
        self.rows = rows
        self._app = app
        self._client = client
        self.operation = operation

    def send(self, body: bytes, **headers: str) -> Any:
        response = self._client.open(
            self.operation.method,
            self.operation.url(self.rows),
            data=body,
            headers={"Content-Type": "application/json", **headers},
        )
        assert_documented(self._app, self.operation, response)
        return response

    def refused(self, body: bytes, status: int, **headers: str) -> None:
        response = self.send(body, **headers)
        assert response.status_code == status, f"{self.operation}: {response.text}"


@pytest.fixture
def caller(app: Flask, super_admin: ApiClient, operation: Operation, rows: JsonObject) -> Caller:
    return Caller(app, super_admin, operation, rows)


@pytest.fixture
def callers(app: Flask, super_admin: ApiClient, rows: JsonObject) -> Iterator[Caller]:
    """One for each operation; after the last request to it the database is as it was before."""
    return _unchanging(app, super_admin, rows)


def _unchanging(app: Flask, client: ApiClient, rows: JsonObject) -> Iterator[Caller]:
    before = everything_stored(app)
    for operation in WITH_BODY:
        yield Caller(app, client, operation, rows)
        assert everything_stored(app) == before, f"{operation} changes something"


def limit_of(operation: Operation) -> int:
    """What the document says of the size of a body, in bytes."""
    described = operation.definition["requestBody"]["description"]
    found = re.fullmatch(r"At most (\d+) (KB|MB)\. Each 64 KB must .* 5 seconds\.", described)
    assert found, described
    return int(found[1]) * UNITS[found[2]]


class TestUnreadable:
    def test_a_body_that_is_no_json_changes_nothing(self, callers: Iterator[Caller]) -> None:
        for caller in callers:
            for body in UNREADABLE.values():
                caller.refused(body, 400)

    def test_an_encoded_body_changes_nothing(self, callers: Iterator[Caller]) -> None:
        for caller in callers:
            good = sample_body(caller.operation.body or {}, examples(caller.rows))
            body = gzip.compress(json.dumps(good).encode())
            for encoding in ENCODINGS:
                caller.refused(body, 415, **{"Content-Encoding": encoding})


class TestLimits:
    def test_a_larger_body_is_refused(self, callers: Iterator[Caller]) -> None:
        for caller in callers:
            limit = limit_of(caller.operation)

            caller.refused(b'{"":"%sx"}' % (b"x" * (limit - len(b'{"":""}'))), 413)

    def test_a_body_of_the_limit_is_let_in(
        self, app: Flask, make: Factory, rows: JsonObject
    ) -> None:
        for operation in WITH_BODY:
            caller = Caller(app, make.client("super_admin"), operation, rows)
            body = b'{"":"%s"}' % (b"x" * (limit_of(operation) - len(b'{"":""}')))

            assert caller.send(body).status_code != 413, str(operation)

    def test_a_refusal_says_how_large_a_body_may_be(self, super_admin: ApiClient) -> None:
        for length in (LIMIT + 1, 2 * LIMIT):
            response = super_admin.open(
                "POST", "/api/teams", data=b"x" * length, content_type="application/json"
            )
            assert response.status_code == 413
            assert response.get_json()["error"]["message"] == "The request can have at most 1 MB."

    def test_are_small_where_nobody_is_signed_in(self) -> None:
        public = {str(o): limit_of(o) for o in WITH_BODY if o.permission is None}

        assert public
        assert set(public.values()) == {PUBLIC_LIMIT}

    def test_are_larger_only_for_the_text_of_a_document(self) -> None:
        larger = {o.id for o in WITH_BODY if limit_of(o) > LIMIT}

        assert larger == {"createDocument", "updateDocument", "updateDocumentPatch"}

    def test_are_documented_for_every_text_and_every_list(self) -> None:
        unlimited = [
            f"{operation} {place}" for operation in OPERATIONS for place in _unlimited(operation)
        ]

        assert unlimited == []


def _unlimited(operation: Operation) -> Iterator[str]:
    """The inputs of an operation of which the document does not say how long they may be."""
    for content in operation.definition.get("requestBody", {}).get("content", {}).values():
        yield from _unlimited_in(content["schema"], "body")
    for parameter in (
        *operation.path_parameters.values(),
        *map(resolve, operation.definition.get("parameters", ())),
    ):
        name = parameter["name"]
        yield from _unlimited_in(parameter["schema"], name)


def _unlimited_in(schema: JsonObject, place: str) -> Iterator[str]:
    schema = resolve(schema)
    for alternative in schema.get("anyOf", []):
        yield from _unlimited_in(alternative, place)
    for name, property_ in schema.get("properties", {}).items():
        yield from _unlimited_in(property_, f"{place}.{name}")
    kinds = schema.get("type", [])
    if "array" in kinds:
        if "maxItems" not in schema:
            yield place
        yield from _unlimited_in(schema["items"], f"{place}[]")
    limited = schema.keys() & {"maxLength", "enum"} or schema.get("format") == "binary"
    if "string" in kinds and not limited:
        yield place


def _large(limit: int, schema: JsonObject) -> dict[str, str]:
    """Values that nearly fill a body, as JSON: the worst that we know for a field."""
    room = limit - 1000
    values = {
        "letters": json.dumps("a" * room),
        "letters of two bytes": json.dumps("\xe9" * (room // 2), ensure_ascii=False),
        "spaces": json.dumps(" " * room),
        "digits": json.dumps("9" * room),
        "a mail address": json.dumps("a@" * (room // 2)),
        "dots": json.dumps("." * room),
        "numbers": "[" + "1," * (room // 2 - 1) + "1]",
        "equal texts": "[" + '"a",' * (room // 4 - 1) + '"a"]',
        "empty lists": "[" + "[]," * (room // 3 - 1) + "[]]",
        "empty objects": "[" + "{}," * (room // 3 - 1) + "{}]",
        "long texts": "[" + ",".join([json.dumps("a" * (room // 50 - 3))] * 50) + "]",
    }
    return values if "array" in resolve(schema).get("type", []) else dict(list(values.items())[:7])


@pytest.mark.slow
@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_no_field_costs_more_than_some_milliseconds(operation: Operation, caller: Caller) -> None:
    """Every list and every text of the API, as large as its body may be."""
    schema = operation.body or {}
    for name, property_ in schema["properties"].items():
        rest = sample_body(schema, examples(caller.rows))
        rest.pop(name, None)
        others = "".join(f"{json.dumps(k)}: {json.dumps(v)}, " for k, v in rest.items())
        for kind, value in _large(limit_of(operation), property_).items():
            body = "{" + others + json.dumps(name) + ": " + value + "}"
            response, took = cpu_of(partial(caller.send, body.encode()), enough=ENOUGH_CPU)

            assert response.status_code < 500
            assert took < ENOUGH_CPU, f"{name} = {kind}: {took:.2f} s"
            assert len(response.data) < 20 * KB or response.status_code < 300


def test_a_refusal_has_a_hundred_details_at_most(super_admin: ApiClient) -> None:
    body = {"permissions": [1] * 200}

    error = super_admin.post("/api/permissions/check", json=body, status=400)

    assert len(error["details"]) == MAX_DETAILS == 100


def test_duplicates_count_for_the_length_of_a_list(user: ApiClient) -> None:
    body = {"title": "Plan", "tags": ["a"] * 51}

    error = user.post("/api/documents", json=body, status=400)

    assert [detail["field"] for detail in error["details"]] == ["tags"]


def test_a_body_that_is_required_has_to_be_there(
    app: Flask, super_admin: ApiClient, rows: JsonObject
) -> None:
    required = [o for o in WITH_BODY if o.definition["requestBody"].get("required") and o.body]
    answers = {str(o): Caller(app, super_admin, o, rows).send(b"") for o in required}

    assert len(answers) > 40
    assert {name: a.status_code for name, a in answers.items() if a.status_code != 400} == {}
