"""The bodies that the documentation shows as examples work, for an administrator of the demo."""

from typing import Any

from flask import Flask

from tests.api_client import ApiClient

from .operations import OPERATIONS, WITH_BODY, Operation

PATHS = {"event_id": 1}  # what the paths of these operations name, of the demo


def example_of(operation: Operation) -> Any:
    return operation.definition["requestBody"]["content"]["application/json"].get("example")


def test_of_each_operation_that_creates_something_there_is_one() -> None:
    creating = [o for o in WITH_BODY if "201" in o.definition["responses"] and "{" not in o.path]

    assert creating
    assert [str(operation) for operation in creating if not example_of(operation)] == []


def test_work_in_the_demo(app: Flask, anonymous: ApiClient) -> None:
    assert app.test_cli_runner().invoke(args=["seed", "--demo"]).exit_code == 0
    account = {"email": "admin@example.com", "password": "123456"}
    token = anonymous.post("/api/auth/login", json=account, status=200)["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    refused = {}
    for operation in [o for o in OPERATIONS if o.body and example_of(o)]:
        url, body = operation.url(PATHS), example_of(operation)
        response = anonymous.open(operation.method, url, json=body, headers=headers)
        if response.status_code >= 300:
            refused[str(operation)] = response.text

    assert refused == {}
