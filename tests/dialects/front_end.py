"""A front end in a test: it calls its mount, and reads answers in the ways of its readers."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

Reader = Callable[[Any], Any]
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def bare(body: Any) -> Any:
    """The body itself is the list."""
    assert isinstance(body, list), body
    return body


def hoisted(body: Any) -> Any:
    """The fields of the object are at the top level, and this is not taken for a page."""
    assert isinstance(body, dict), body
    assert "meta" not in body
    return body


def with_meta(body: Any) -> Any:
    """The rows are in `data`, their number in `meta`; a `code` would make it another shape."""
    assert {"total", "page", "limit", "totalPages"} <= body["meta"].keys()
    assert "code" not in body
    return body["data"]


def in_data(body: Any) -> Any:
    """The value is in `data`, if the `code` is 200."""
    assert body["code"] == 200, body
    return body["data"]


def data_list(body: Any) -> Any:
    """The rows are in `data.list`."""
    page = in_data(body)
    assert {"total", "page", "pageSize"} <= page.keys()
    return page["list"]


def vue_list(body: Any) -> Any:
    """The rows are in `list`; with a `code`, `data` would be taken for the body."""
    assert {"total", "page", "pageSize"} <= body.keys()
    assert "code" not in body
    return body["list"]


def twice_in_data(body: Any) -> Any:
    """The rows are in `data.data.list`."""
    return in_data(body)["data"]["list"]


class FrontEnd:
    """A front end that is signed in by a token, or by the cookie that holds it."""

    last: TestResponse

    def __init__(self, app: Flask, mount: str, token: str | None = None, *, cookie: bool = False):
        self.app = app
        self.mount = mount
        self.headers: dict[str, str] = {}
        if token and cookie:
            self.headers = {"Cookie": f"accessToken={token}", **SAME_ORIGIN}
        elif token:
            self.headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, *, status: int = 200, **kwargs: Any) -> Any:
        """The body of the answer, unless its status is another one."""
        response = self.open(method, path, **kwargs)
        assert response.status_code == status, response.text
        return response.get_json()

    def open(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        """The answer as it comes."""
        headers = self.headers | kwargs.pop("headers", {})
        address = f"/{self.mount}/api{path}"
        given = {"buffered": True, **kwargs}
        self.last = self.app.test_client(use_cookies=False).open(
            address, method=method, headers=headers, **given
        )
        return self.last
