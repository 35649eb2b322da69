"""The bodies that the documentation shows as examples work, for an administrator of the demo."""

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any

import flask_migrate
import pytest
from flask import Flask

from tests.api_client import ApiClient

from .operations import OPERATIONS, WITH_BODY, Operation, application

# What the paths of these operations name, of the demo.
PATHS = {
    "user_id": 11,
    "name": "guest",
    "team_id": 1,
    "document_id": 1,
    "event_id": 4,
    "file_id": 13,
    "folder_id": 1,
    "conversation_id": 1,
    "order_id": 1,
    "product_id": 1,
}
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nEND:VCALENDAR\r\n"
KEY = {"$ref": "#/components/parameters/IdempotencyKey"}
# What needs a token that only a sign-in or a mail contains.
WITHOUT = {"refresh", "verifyEmail", "resetPassword"}


def example_of(operation: Operation) -> Any:
    return operation.definition["requestBody"]["content"]["application/json"].get("example")


def test_of_each_operation_with_a_body_there_is_one() -> None:
    lacking = {operation.id for operation in WITH_BODY if example_of(operation) is None}

    assert lacking == WITHOUT


@pytest.fixture
def demo() -> Iterator[Flask]:
    """A new database, so that the rows of the demo have the ids that the examples name."""
    with application() as app:
        with app.app_context():
            flask_migrate.upgrade()
        assert app.test_cli_runner().invoke(args=["seed", "--demo"]).exit_code == 0
        yield app


@pytest.mark.slow
def test_work_in_the_demo(demo: Flask) -> None:
    """And have one response however often they are sent with a key, where that is supported."""
    client = ApiClient(demo)
    token = sign_in(client)
    refused, repeated = {}, []
    for operation in [o for o in WITH_BODY if o.id not in WITHOUT]:
        used = sign_in(client) if operation.id == "logout" else token
        headers = {"Authorization": f"Bearer {used}", "Idempotency-Key": operation.id}
        call = partial(client.open, operation.method, operation.url(PATHS), headers=headers)
        response = call(json=example_of(operation))
        if response.status_code >= 300:
            refused[str(operation)] = response.text
        if KEY in operation.definition.get("parameters", []):
            again = call(json=example_of(operation))
            if (again.status_code, again.data) != (response.status_code, response.data):
                repeated.append(str(operation))

    assert (refused, repeated) == ({}, [])
    headers = {"Authorization": f"Bearer {token}"}
    for operation in OPERATIONS:
        if form := operation.form:
            texts = {k: p["example"] for k, p in form["properties"].items() if "example" in p}
            is_calendar = "text/calendar" in operation.definition["requestBody"]["content"]
            content = CALENDAR if is_calendar else b"Hello"
            data = {**texts, "file": (BytesIO(content), "hello.txt")}
            assert set(form["required"]) <= set(data)
            status = 200 if is_calendar else 201
            client.post(operation.path, data=data, headers=headers, status=status)


def sign_in(client: ApiClient) -> str:
    account = {"email": "admin@example.com", "password": "123456"}
    token: str = client.post("/api/auth/login", json=account, status=200)["accessToken"]
    return token
