"""Every failure speaks the envelope, says what it may, and has a status of the contract."""

from typing import Any, NoReturn

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from halolight.core.errors import CODES
from halolight.extensions import db
from halolight.modules.auth import throttle
from halolight.modules.users import service as users
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory

from .operations import NOWHERE, application
from .statements import engine

LOGIN = "/api/auth/login"
SECRET = "hidden-host.internal SELECT * FROM secrets"


def error_of(response: TestResponse, status: int) -> dict[str, Any]:
    """The error of a failure, which is in the envelope and in nothing else."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/json"
    body = response.get_json()
    assert list(body) == ["success", "error"]
    assert body["success"] is False
    assert list(body["error"]) == ["code", "message", "details"]
    assert body["error"]["code"] == CODES[status]
    assert body["error"]["message"]
    assert all(list(detail) == ["field", "message", "code"] for detail in body["error"]["details"])
    error: dict[str, Any] = body["error"]
    return error


def test_the_codes_are_those_of_the_contract() -> None:
    assert CODES == {
        400: "VALIDATION_ERROR",
        401: "UNAUTHORIZED",
        403: "FORBIDDEN",
        404: "NOT_FOUND",
        405: "METHOD_NOT_ALLOWED",
        409: "CONFLICT",
        412: "PRECONDITION_FAILED",
        413: "PAYLOAD_TOO_LARGE",
        415: "UNSUPPORTED_MEDIA_TYPE",
        416: "RANGE_NOT_SATISFIABLE",  # of files only: RFC 9110 knows no other for that
        429: "TOO_MANY_REQUESTS",
        500: "INTERNAL_ERROR",
        503: "SERVICE_UNAVAILABLE",
    }


class TestBadRequest:
    @pytest.mark.parametrize("body", ['{"email": ', "", "hello", b"\xff", '{"a": NaN}'])
    def test_malformed_json(self, anonymous: ApiClient, body: str | bytes) -> None:
        response = anonymous.open("POST", LOGIN, data=body, content_type="application/json")

        error_of(response, 400)

    @pytest.mark.parametrize("body", [[], ["a"], "text", 1, None, True])
    def test_a_body_that_is_no_object(self, anonymous: ApiClient, body: object) -> None:
        error_of(anonymous.open("POST", LOGIN, json=body), 400)

    def test_the_specifications_own_sample(self, anonymous: ApiClient) -> None:
        error = error_of(anonymous.open("POST", "/api/auth/register", json={"email": "x"}), 400)

        assert error["message"] == "Please check these fields: email, password."
        text = "Enter an email address, like name@example.com."
        detail = {"field": "email", "message": text, "code": "invalid_email"}
        assert detail in error["details"]
        assert {detail["field"] for detail in error["details"]} == {"email", "password"}

    def test_a_parameter_of_the_address(self, super_admin: ApiClient) -> None:
        error = error_of(super_admin.open("GET", "/api/users?pageSize=1000"), 400)

        assert [detail["field"] for detail in error["details"]] == ["pageSize"]

    def test_a_field_within_a_list_is_named_with_its_place(self, user: ApiClient) -> None:
        body = {"title": "Plan", "tags": ["fine", "x" * 51]}

        error = error_of(user.open("POST", "/api/documents", json=body), 400)

        assert [detail["field"] for detail in error["details"]] == ["tags.1"]


class TestRefusals:
    def test_no_token(self, anonymous: ApiClient) -> None:
        response = anonymous.open("GET", "/api/users/me")

        assert error_of(response, 401)["details"] == []
        assert response.headers["WWW-Authenticate"] == "Bearer"

    def test_no_permission(self, user: ApiClient) -> None:
        error_of(user.open("GET", "/api/users"), 403)

    @pytest.mark.parametrize("path", ["/nowhere", "/api", "/api/nowhere", "/api/users/x/y", "/%00"])
    def test_no_such_address(self, anonymous: ApiClient, path: str) -> None:
        error_of(anonymous.open("GET", path), 404)

    @pytest.mark.parametrize("path", ["/api/documents/999999", f"/api/documents/{10**30}"])
    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
    def test_no_such_object(self, super_admin: ApiClient, method: str, path: str) -> None:
        body = {"title": "Plan"} if method.startswith("P") else None

        error_of(super_admin.open(method, path, json=body), 404)

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("DELETE", "/api/users", {"GET", "HEAD", "OPTIONS", "POST"}),
            ("GET", LOGIN, {"OPTIONS", "POST"}),
            ("POST", "/health", {"GET", "HEAD", "OPTIONS"}),
            ("POST", "/docs", {"GET", "HEAD", "OPTIONS"}),
            ("PUT", "/metrics", {"GET", "HEAD", "OPTIONS"}),
            ("TRACE", "/api/users", {"GET", "HEAD", "OPTIONS", "POST"}),
            ("TRACE", "/", {"GET", "HEAD", "OPTIONS"}),
            ("BREW", "/health", {"GET", "HEAD", "OPTIONS"}),
        ],
    )
    def test_the_wrong_method(
        self, anonymous: ApiClient, method: str, path: str, allowed: set[str]
    ) -> None:
        response = anonymous.open(method, path)

        error_of(response, 405)
        assert set(response.allow) == allowed

    def test_what_is_there_already(self, anonymous: ApiClient, make: Factory) -> None:
        taken = make.user().email
        body = {"email": taken.upper(), "password": PASSWORD}

        error = error_of(anonymous.open("POST", "/api/auth/register", json=body), 409)

        assert [detail["field"] for detail in error["details"]] == ["email"]

    def test_what_has_changed_meanwhile(self, user: ApiClient) -> None:
        document = user.post("/api/documents", json={"title": "Plan"})
        path, headers = f"/api/documents/{document['id']}", {"If-Match": '"0"'}

        error_of(user.open("PUT", path, json={"title": "New"}, headers=headers), 412)

    def test_a_form(self, anonymous: ApiClient) -> None:
        error_of(anonymous.open("POST", LOGIN, data={"email": "a@example.com"}), 415)

    def test_too_many_attempts(self, anonymous: ApiClient) -> None:
        body = {"email": "somebody", "password": "guessed"}
        for _ in range(throttle.LOGINS.per_account):
            error_of(anonymous.open("POST", LOGIN, json=body), 401)

        response = anonymous.open("POST", LOGIN, json=body)

        error_of(response, 429)
        assert int(response.headers["Retry-After"]) > 0


class TestCrash:
    @pytest.fixture(autouse=True)
    def _broken_service(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(*_: object) -> NoReturn:
            raise RuntimeError(SECRET)

        monkeypatch.setattr(users, "list_users", crash)

    def test_says_nothing_of_its_cause(self, super_admin: ApiClient) -> None:
        response = super_admin.open("GET", "/api/users")

        assert error_of(response, 500)["message"] == "Something went wrong. Please try again later."
        assert "RuntimeError" not in response.text
        assert SECRET not in response.text

    def test_is_logged_under_the_id_of_the_request(
        self, super_admin: ApiClient, capsys: pytest.CaptureFixture[str]
    ) -> None:
        super_admin.open("GET", "/api/users", headers={"X-Request-ID": "find-me"})

        log = capsys.readouterr().err
        assert f"RuntimeError: {SECRET}" in log
        assert "find-me" in log.splitlines()[0]


class TestUnavailable:
    @pytest.mark.parametrize(
        "error",
        [
            sa.exc.OperationalError(SECRET, {}, Exception(SECRET)),
            sa.exc.InterfaceError(SECRET, {}, Exception(SECRET)),
            sa.exc.TimeoutError(SECRET),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_when_the_database_fails(
        self, super_admin: ApiClient, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def fail(*_: object, **__: object) -> NoReturn:
            raise error

        monkeypatch.setattr(db, "rows", fail)

        self.assert_unavailable(super_admin.open("GET", "/api/users"))

    @pytest.mark.parametrize("path", [LOGIN, "/api/auth/forgot-password"])
    def test_when_the_database_is_away(self, path: str) -> None:
        body = {"email": "a@example.com", "password": PASSWORD}

        with application(DATABASE_URL=NOWHERE) as app:
            self.assert_unavailable(ApiClient(app).open("POST", path, json=body))

    @pytest.mark.database("postgresql")
    @pytest.mark.parametrize("path", ["/api/users/me", "/api/users"])
    def test_when_all_connections_are_taken(
        self, app: Flask, super_admin: ApiClient, path: str
    ) -> None:
        url = engine(app).url.render_as_string(hide_password=False)
        small = {"DB_POOL_SIZE": 1, "DB_MAX_OVERFLOW": 0, "DB_POOL_TIMEOUT": 0}

        with application(DATABASE_URL=url, **small) as crowded:
            with engine(crowded).connect():
                taken = ApiClient(crowded, super_admin.token).open("GET", path)
            free = ApiClient(crowded, super_admin.token).open("GET", path)

        self.assert_unavailable(taken)
        assert free.status_code == 200

    @staticmethod
    def assert_unavailable(response: TestResponse) -> None:
        error_of(response, 503)
        assert int(response.headers["Retry-After"]) > 0
        assert SECRET not in response.text
        assert "psycopg" not in response.text


class TestForgiven:
    @pytest.mark.parametrize("path", ["/api/users/", "/health/", "/docs/", "/api/users/me/"])
    def test_a_slash_at_the_end(self, super_admin: ApiClient, path: str) -> None:
        assert super_admin.open("GET", path).status_code == 200

    def test_a_slash_at_the_end_of_a_post(self, user: ApiClient) -> None:
        user.post("/api/documents/", json={"title": "Plan"})
