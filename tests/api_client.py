"""A client that holds every answer against the OpenAPI document."""

from functools import cache
from typing import Any

import orjson
from flask import Flask
from flask_smorest.spec.plugins import FlaskPlugin
from jsonschema_rs import Draft202012Validator
from werkzeug.test import TestResponse

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def openapi(app: Flask) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(app.extensions["openapi"])
    return document


@cache
def validator(app: Flask, path: str, method: str, status: str) -> Draft202012Validator:
    """What the document says of this answer. KeyError: it does not know such an answer."""
    spec = openapi(app)
    documented = spec["paths"][path][method]["responses"][status]
    if "$ref" in documented:
        documented = spec["components"]["responses"][documented["$ref"].rpartition("/")[2]]
    schema = documented["content"]["application/json"]["schema"]
    return Draft202012Validator(schema | {"components": spec["components"]}, validate_formats=True)


class ApiClient:
    """Calls the API as somebody, checks each answer, unwraps the envelope.

    `admin.post("/api/documents", json={...}, status=409)` asserts the status and answers with the
    `error`; a success answers with the `data`. `last` is the response as it came.
    """

    last: TestResponse

    def __init__(self, app: Flask, token: str | None = None, user_id: int = 0) -> None:
        self.app = app
        self.user_id = user_id
        self.token = token
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, *, status: int = 200, **kwargs: Any) -> Any:
        return self.call("GET", path, status, **kwargs)

    def post(self, path: str, *, status: int = 201, **kwargs: Any) -> Any:
        return self.call("POST", path, status, **kwargs)

    def put(self, path: str, *, status: int = 200, **kwargs: Any) -> Any:
        return self.call("PUT", path, status, **kwargs)

    def patch(self, path: str, *, status: int = 200, **kwargs: Any) -> Any:
        return self.call("PATCH", path, status, **kwargs)

    def delete(self, path: str, *, status: int = 200, **kwargs: Any) -> Any:
        return self.call("DELETE", path, status, **kwargs)

    def call(self, method: str, path: str, status: int, **kwargs: Any) -> Any:
        response = self.open(method, path, **kwargs)
        assert response.status_code == status, response.text
        self._check_documented(method, path, response)
        body = response.get_json()
        assert body["success"] is (status < 400)
        return body["data"] if body["success"] else body["error"]

    def download(self, path: str, *, status: int = 200, **kwargs: Any) -> bytes:
        """The bytes that a GET answers with, of a status that the document knows."""
        response = self.open("GET", path, **kwargs)
        assert response.status_code == status, response.text
        operation = openapi(self.app)["paths"][self._documented_path("GET", path)]["get"]
        assert str(status) in operation["responses"]
        data: bytes = response.data
        return data

    def open(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        """The response as it comes, unchecked."""
        headers = self.headers | kwargs.pop("headers", {})
        given = {"buffered": True, **kwargs}  # read whole, and closed
        self.last = self.app.test_client().open(path, method=method, headers=headers, **given)
        return self.last

    def _documented_path(self, method: str, path: str) -> str:
        adapter = self.app.url_map.bind("")
        rule, _ = adapter.match(path.partition("?")[0], method, return_rule=True)
        documented: str = FlaskPlugin.flaskpath2openapi(rule.rule)
        return documented

    def _check_documented(self, method: str, path: str, response: TestResponse) -> None:
        documented = self._documented_path(method, path)
        status = str(response.status_code)
        validator(self.app, documented, method.lower(), status).validate(response.get_json())
