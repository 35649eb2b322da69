"""Nasty values, in every place of every operation: refused or taken as they are, never a crash."""

import json
from typing import Any

import argon2
import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.factories import Factory

from .operations import (
    OPERATIONS,
    PUBLIC,
    Operation,
    assert_documented,
    examples,
    furnish,
    resolve,
    sample,
    sample_body,
)

# A PATCH beside a PUT is the same operation under another name.
PUTS = {operation.path for operation in OPERATIONS if operation.method == "PUT"}
ONCE = [o for o in OPERATIONS if o.method != "PATCH" or o.path not in PUTS]
WITH_BODY = [operation for operation in ONCE if operation.body]
WITH_QUERY = [operation for operation in ONCE if operation.query]
PAGED = [operation for operation in WITH_QUERY if "page" in operation.query]
WITH_PATH_PARAMETERS = [operation for operation in ONCE if operation.path_parameters]

pytestmark = pytest.mark.slow

DEPTH = 100_000
TEXT = "'; DROP TABLE users; -- \" \\ %_ ) OR 1=1"

# JSON as it is sent: several of these no serializer would write.
TOKENS = {
    "NUL": r'"a\u0000b"',
    "lone surrogate": r'"\ud800"',
    "2^31": "2147483648",
    "-2^31-1": "-2147483649",
    "2^63": "9223372036854775808",
    "-2^63-1": "-9223372036854775809",
    "10^30": "1" + "0" * 30,
    "1e400": "1e400",
    "-1e400": "-1e400",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "half": "1.5",
    "number as text": '"9223372036854775808"',
    "deep list": "[" * DEPTH + "]" * DEPTH,
    "deep object": '{"a":' * DEPTH + "1" + "}" * DEPTH,
    "1 MB": '"' + "x" * 1_000_000 + '"',
    "SQL": json.dumps(TEXT),
    "before all time": '"0001-01-01T00:00:00+14:00"',
    "after all time": '"9999-12-31T23:59:59-14:00"',
    "empty text": '""',
    "space": '" "',
    "null": "null",
    "true": "true",
    "empty list": "[]",
    "list of null": "[null]",
    "list of NUL": r'["a\u0000b"]',
    "list of 2^63": "[9223372036854775808]",
    "empty object": "{}",
    "operator": '{"$ne": null}',
}
BODIES: dict[str, str | bytes] = {
    **TOKENS,
    "nothing": "",
    "cut off": '{"a": ',
    "no UTF-8": b'{"a": "\xff\xfe"}',
    "byte order mark": b"\xef\xbb\xbf{}",
}
TEXTS = {
    "NUL": "%00",
    "no UTF-8": "%FF%FE",
    "lone surrogate": "%ED%A0%80",
    "2^31": str(2**31),
    "-2^31": str(-(2**31)),
    "2^63": str(2**63),
    "10^30": str(10**30),
    "1e18": "1e18",
    "10^18": str(10**18),
    "5,000 digits": "9" * 5_000,
    "NaN": "NaN",
    "Arabic digits": "%D9%A1",
    "SQL": "%27%3B%20DROP%20TABLE%20users%3B%20--%20%25_%5C",
    "10 KB": "x" * 10_000,
    "empty": "",
}
NEEDS_A_SECRET = {"resetPassword", "verifyEmail"}  # no sample of their bodies can be a right one


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("halolight.core.passwords._hasher", cheap)


class Caller:
    """A super admin, signed in again whenever a call has ended the session."""

    def __init__(self, app: Flask, make: Factory, operation: Operation) -> None:
        self._app = app
        self._make = make
        self._operation = operation
        self._client = make.client("super_admin")
        _, self.rows = furnish(make)
        self.examples = examples(self.rows)

    def call(self, place: str, url: str, **kwargs: Any) -> int:
        """Call it. Whatever was sent, the answer is a documented one and no crash."""
        response = self._client.open(self._operation.method, url, **kwargs)
        assert response.status_code < 500, f"{place}: {response.text}"
        try:
            assert_documented(self._app, self._operation, response)
        except AssertionError as error:
            raise AssertionError(f"{place}: {error}") from None
        if response.status_code == 401 and self._operation.permission is not PUBLIC:
            self._client = self._make.sign_in(self._client.user_id)
        return response.status_code

    def send(self, place: str, body: str | bytes) -> int:
        url = self._operation.url(self.rows)
        return self.call(place, url, data=body, content_type="application/json")


@pytest.fixture
def caller(app: Flask, make: Factory, operation: Operation) -> Caller:
    return Caller(app, make, operation)


def raw(body: dict[str, Any], name: str, token: str) -> str:
    """The body as JSON, with the token as the value of the property."""
    pairs = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in body.items()]
    return "{" + ", ".join([*pairs, f"{json.dumps(name)}: {token}"]) + "}"


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
class TestBodies:
    def test_the_sample_is_good(self, operation: Operation, caller: Caller) -> None:
        """Else the other tests would be refused for something else than the nasty value."""
        body = sample_body(operation.body or {}, caller.examples)

        status = caller.send("sample", json.dumps(body))

        assert status != 400 or operation.id in NEEDS_A_SECRET

    def test_each_property_bears_each_value(self, operation: Operation, caller: Caller) -> None:
        schema = operation.body or {}
        number = 0
        for name, property_ in schema["properties"].items():
            tokens = dict(TOKENS)
            if resolve(property_).get("type") == "array":
                tokens |= {f"list of {kind}": f"[{token}]" for kind, token in TOKENS.items()}
            for kind, token in tokens.items():
                number += 1
                body = sample_body(schema, caller.examples, number)
                body.pop(name, None)
                caller.send(f"{name} = {kind}", raw(body, name, token))

    def test_a_name_that_is_given_twice(self, operation: Operation, caller: Caller) -> None:
        schema = operation.body or {}
        body = {n: sample(n, p, caller.examples) for n, p in schema["properties"].items()}
        for name, value in body.items():
            caller.send(f"{name} twice", raw(body, name, json.dumps(value)))
            caller.send(f"{name} twice", raw(body, name, '"\\u0000"'))

    def test_the_whole_body(self, operation: Operation, caller: Caller) -> None:
        for kind, body in BODIES.items():
            caller.send(kind, body)


@pytest.mark.parametrize("operation", WITH_QUERY, ids=str)
def test_each_parameter_of_a_query(operation: Operation, caller: Caller) -> None:
    url = operation.url(caller.rows)
    for name in [*operation.query, "limit", "page_size", "keyword", "unknown"]:
        required = {k: v for k, v in operation.required_query(caller.rows).items() if k != name}
        others = "".join(f"&{key}={value}" for key, value in required.items())
        for kind, text in TEXTS.items():
            caller.call(f"{name} = {kind}", f"{url}?{name}={text}{others}")
        caller.call(f"{name} twice", f"{url}?{name}=1&{name}=2{others}")


@pytest.mark.parametrize("operation", PAGED, ids=str)
def test_a_page_far_away(operation: Operation, caller: Caller) -> None:
    for page in (2**31 - 1, 2**31, 2**63, 10**18, "1e18", 0, -1):
        query = operation.required_query(caller.rows) | {"page": page, "pageSize": 10}

        status = caller.call("page", operation.url(caller.rows), query_string=query)

        assert status == (200 if page == 2**31 - 1 else 400), page


@pytest.mark.parametrize("operation", WITH_PATH_PARAMETERS, ids=str)
def test_each_parameter_of_a_path(operation: Operation, caller: Caller) -> None:
    names = {name: f"{{{name}}}" for name in operation.path_parameters}
    body = sample_body(operation.body, caller.examples) if operation.body else None
    for name in names:
        for kind, text in TEXTS.items():
            if kind == "empty":  # another address
                continue
            url = operation.path.format_map(caller.rows | {"session_id": 1, name: text})
            caller.call(f"{name} = {kind}", url, json=body)


def test_a_token_that_is_none(app: Flask) -> None:
    for token in ("\xff\xfe", "a.b.c", "x" * 100_000, "....", "e30.e30.", "'; DROP TABLE users"):
        ApiClient(app, token).get("/api/users", status=401)
