import logging
import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from flask import Flask

from halolight.core import logs
from halolight.core.http.middleware import Middleware, secret_addresses
from tests.api_client import ApiClient
from tests.core.conftest import BuildApp
from tests.factories import Factory

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_request_id() -> Iterator[None]:
    """The request's id of before, when the test is over."""
    token = logs.request_id.set("-")
    yield
    logs.request_id.reset(token)


def lines(captured: Captured) -> list[str]:
    """The log so far; nothing but the log is written."""
    out, err = captured.readouterr()
    assert out == ""
    return err.splitlines()


def entries(captured: Captured) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in lines(captured)]


def crash() -> str:
    raise LookupError("nothing here")


class TestText:
    @pytest.fixture(autouse=True)
    def log(self, log: logging.Logger) -> logging.Logger:
        logs.configure("INFO", "text")
        return log

    def test_is_one_line_with_time_level_request_and_place(
        self, log: logging.Logger, capsys: Captured
    ) -> None:
        logs.request_id.set("abc-1")

        log.getChild("core.mail").warning("mail %d not sent", 7)

        [line] = lines(capsys)
        expected = rf"{MOMENT} WARNING abc-1 halolight\.core\.mail: mail 7 not sent"
        assert re.fullmatch(expected, line)

    def test_has_a_dash_outside_of_requests(self, log: logging.Logger, capsys: Captured) -> None:
        log.info("started")

        [line] = lines(capsys)
        assert line.endswith(" - halolight: started")

    def test_shows_an_exception_below(self, log: logging.Logger, capsys: Captured) -> None:
        try:
            crash()
        except LookupError:
            log.exception("unhandled error")

        first, second, *_, last = lines(capsys)
        assert first.endswith(": unhandled error")
        assert second == "Traceback (most recent call last):"
        assert last == "LookupError: nothing here"

    def test_leaves_out_what_is_below_the_level(
        self, log: logging.Logger, capsys: Captured
    ) -> None:
        logs.configure("WARNING", "text")

        log.info("unimportant")
        log.warning("important")

        assert len(lines(capsys)) == 1

    def test_is_written_once_however_often_it_is_configured(
        self, log: logging.Logger, capsys: Captured
    ) -> None:
        logs.configure("INFO", "text")

        log.info("once")

        assert len(lines(capsys)) == 1


class TestJson:
    @pytest.fixture(autouse=True)
    def log(self, log: logging.Logger) -> logging.Logger:
        logs.configure("INFO", "json")
        return log

    def test_is_one_object_a_line(self, log: logging.Logger, capsys: Captured) -> None:
        logs.request_id.set("abc-1")

        log.warning("two\nlines of %s", '"Ärger"')

        [entry] = entries(capsys)
        assert re.fullmatch(MOMENT, entry.pop("time"))
        assert entry == {
            "level": "WARNING",
            "logger": "halolight",
            "message": 'two\nlines of "Ärger"',
            "requestId": "abc-1",
        }

    def test_has_an_exception_within_its_line(self, log: logging.Logger, capsys: Captured) -> None:
        try:
            crash()
        except LookupError:
            log.exception("unhandled error")

        [entry] = entries(capsys)
        assert entry["message"] == "unhandled error"
        assert entry["exception"].startswith("Traceback (most recent call last):")
        assert entry["exception"].endswith("LookupError: nothing here")


class TestRequests:
    @pytest.fixture
    def client(self, build_app: BuildApp) -> ApiClient:
        return ApiClient(build_app(LOG_LEVEL="INFO", LOG_FORMAT="json"))

    def test_are_logged_with_their_id(self, client: ApiClient, capsys: Captured) -> None:
        client.open("GET", "/health/live", headers={"X-Request-ID": "abc-1"}, buffered=True)

        [entry] = entries(capsys)
        assert re.fullmatch(MOMENT, entry.pop("time"))
        assert entry.pop("ms") >= 0
        assert entry == {
            "level": "INFO",
            "logger": "halolight.access",
            "message": "request",
            "requestId": "abc-1",
            "method": "GET",
            "path": "/health/live",
            "status": 200,
            "address": "127.0.0.1",
            "user": None,
        }
        assert client.last.headers["X-Request-ID"] == "abc-1"

    def test_are_logged_as_text(self, build_app: BuildApp, capsys: Captured) -> None:
        client = ApiClient(build_app(LOG_LEVEL="INFO", LOG_FORMAT="text"))

        client.open("GET", "/health", headers={"X-Request-ID": "abc-1"}, buffered=True)

        [line] = lines(capsys)
        fields = r"method=GET path=/health status=200 ms=[\d.]+ address=127\.0\.0\.1 user=None"
        assert re.fullmatch(rf"{MOMENT} INFO    abc-1 halolight\.access: request {fields}", line)

    def test_are_logged_with_who_is_signed_in(self, client: ApiClient, capsys: Captured) -> None:
        user = Factory(client.app, "!").client()

        user.open("GET", "/api/users/me", buffered=True)

        assert entries(capsys)[-1]["user"] == user.user_id

    @pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "id;drop", "é"])
    def test_get_a_new_id_for_one_that_is_not_sane(
        self, client: ApiClient, capsys: Captured, sent: str
    ) -> None:
        client.open("GET", "/health", headers={"X-Request-ID": sent}, buffered=True)

        [entry] = entries(capsys)
        assert entry["requestId"] == client.last.headers["X-Request-ID"]
        assert entry["requestId"] != sent
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", entry["requestId"])

    def test_are_logged_without_their_query(self, client: ApiClient, capsys: Captured) -> None:
        client.open("GET", "/health?token=hidden", buffered=True)

        [line] = lines(capsys)
        assert "hidden" not in line

    @pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("GET", "/more/x")])
    def test_do_not_tell_the_secret_in_an_address(
        self, build_app: BuildApp, capsys: Captured, method: str, path: str
    ) -> None:
        app = build_app(LOG_LEVEL="INFO", LOG_FORMAT="json")
        app.add_url_rule("/opened/<secret:token>", view_func=lambda token: token)
        log = logs.access_log("INFO", "json")
        app.wsgi_app = Middleware(  # type: ignore[method-assign]
            Flask.wsgi_app.__get__(app), {}, log, secret_addresses(app.url_map)
        )

        response = ApiClient(app).open(method, f"/opened/hidden{path}")

        [line] = lines(capsys)
        assert "hidden" not in line
        assert orjson.loads(line)["path"] == "/opened/<secret>"
        assert (response.text == "hidden") is (method == "GET" and not path)

    def test_cannot_forge_a_line(self, build_app: BuildApp, capsys: Captured) -> None:
        client = ApiClient(build_app(LOG_LEVEL="INFO"))

        client.open("GET", "/health%0A2026-01-01 forged", buffered=True)

        assert len(lines(capsys)) == 1

    @pytest.mark.parametrize("level", ["WARNING", "ERROR"])
    def test_are_not_logged_above_the_level_of_information(
        self, build_app: BuildApp, capsys: Captured, level: str
    ) -> None:
        ApiClient(build_app(LOG_LEVEL=level)).open("GET", "/health", buffered=True)

        assert lines(capsys) == []

    def test_leave_the_cause_of_a_crash_under_their_id_and_nowhere_else(
        self, build_app: BuildApp, capsys: Captured
    ) -> None:
        app = build_app(LOG_LEVEL="INFO", LOG_FORMAT="json", NODE_ENV="production")
        app.add_url_rule("/crash", view_func=crash)
        client = ApiClient(app)

        response = client.open("GET", "/crash", headers={"X-Request-ID": "abc-1"}, buffered=True)

        cause, request = entries(capsys)
        assert (cause["requestId"], request["requestId"]) == ("abc-1", "abc-1")
        assert "LookupError: nothing here" in cause["exception"]
        assert (response.status_code, request["status"]) == (500, 500)
        assert response.get_json()["error"]["code"] == "INTERNAL_ERROR"
        assert "nothing here" not in response.text
