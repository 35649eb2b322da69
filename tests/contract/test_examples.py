"""The bodies that the documentation shows as examples work, for an administrator of the demo."""

from collections.abc import Iterator
from typing import Any

import flask_migrate
import pytest
from flask import Flask

from tests.api_client import ApiClient

from .operations import WITH_BODY, Operation, application

PATHS = {"event_id": 1}  # what the paths of these operations name, of the demo


def example_of(operation: Operation) -> Any:
    return operation.definition["requestBody"]["content"]["application/json"].get("example")


def test_of_each_operation_that_creates_something_there_is_one() -> None:
    creating = [o for o in WITH_BODY if "201" in o.definition["responses"] and "{" not in o.path]

    assert creating
    assert [str(operation) for operation in creating if not example_of(operation)] == []


@pytest.fixture
def demo() -> Iterator[Flask]:
    """A new database, so that the rows of the demo have the ids that the examples name."""
    with application() as app:
        with app.app_context():
            flask_migrate.upgrade()
        assert app.test_cli_runner().invoke(args=["seed", "--demo"]).exit_code == 0
        yield app


def test_work_in_the_demo(demo: Flask) -> None:
    client = ApiClient(demo)
    account = {"email": "admin@example.com", "password": "123456"}
    token = client.post("/api/auth/login", json=account, status=200)["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    refused = {}
    for operation in [o for o in WITH_BODY if example_of(o)]:
        url, body = operation.url(PATHS), example_of(operation)
        response = client.open(operation.method, url, json=body, headers=headers)
        if response.status_code >= 300:
            refused[str(operation)] = response.text

    assert refused == {}
