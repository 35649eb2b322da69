"""Conditional requests (RFC 9110, 13): the same of everything that has an ETag."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.modules.files.steps import picture, upload

OTHER = '"other"'
PAST = "Sat, 01 Jan 2000 00:00:00 GMT"
FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT"


def of_file(part: str) -> Callable[[ApiClient], str]:
    return lambda user: f"/api/files/{upload(user, picture())['id']}/{part}"


def signed(user: ApiClient) -> str:
    url: str = user.get(of_file("download-url")(user))["url"]
    return url


def linked(user: ApiClient) -> str:
    made = user.post(of_file("share")(user), json={"public": True}, status=200)
    return f"{made[0]['url']}/download"


def document(user: ApiClient) -> str:
    return f"/api/documents/{user.post('/api/documents', json={'title': 'Plan'})['id']}"


def event(user: ApiClient) -> str:
    sent = {"title": "Meeting", "start": "2030-01-01T10:00:00Z"}
    return f"/api/calendar/events/{user.post('/api/calendar/events', json=sent)['id']}"


TAGGED: dict[str, Callable[[ApiClient], str]] = {
    "download": of_file("download"),
    "thumbnail": of_file("thumbnail"),
    "signed link": signed,
    "public link": linked,
    "document": document,
    "event": event,
    "OpenAPI document": lambda _: "/api/openapi.json",
    "OpenAPI document at the root": lambda _: "/openapi.json",
    "script of the documentation": lambda _: "/docs/assets/swagger-ui-bundle.js",
}


@pytest.fixture(params=TAGGED)
def url(request: pytest.FixtureRequest, user: ApiClient) -> str:
    return TAGGED[request.param](user)


def test_a_read_is_answered_by_its_preconditions(user: ApiClient, url: str) -> None:
    """`If-Match` is compared strongly and comes first, `If-None-Match` weakly."""
    first = user.open("GET", url)
    etag = first.headers["ETag"]
    expected: list[tuple[dict[str, str], int]] = [
        ({}, 200),
        ({"If-Match": etag}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": f"{OTHER}, {etag}"}, 200),
        ({"If-Match": OTHER}, 412),
        ({"If-Match": f"W/{etag}"}, 412),
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": f"W/{etag}"}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": f"{OTHER}, {etag}"}, 304),
        ({"If-None-Match": OTHER}, 200),
        ({"If-Match": OTHER, "If-None-Match": etag}, 412),
        ({"If-Match": etag, "If-None-Match": etag}, 304),
        # A date counts only where there is no tag.
        ({"If-Match": etag, "If-Unmodified-Since": PAST}, 200),
        ({"If-None-Match": OTHER, "If-Modified-Since": FUTURE}, 200),
    ]

    for method in ("GET", "HEAD"):
        for headers, status in expected:
            response = user.open(method, url, headers=headers)
            assert response.status_code == status, (method, headers)
            if status == 304:
                assert response.headers["ETag"] == etag
            assert status == 412 or response.data == (
                first.data if (status, method) == (200, "GET") else b""
            )


def test_dates_count_where_there_is_one(user: ApiClient, url: str) -> None:
    dated = "Last-Modified" in user.open("GET", url).headers

    for headers, status in [
        ({"If-Unmodified-Since": PAST}, 412),
        ({"If-Unmodified-Since": FUTURE}, 200),
        ({"If-Modified-Since": FUTURE}, 304),
        ({"If-Modified-Since": PAST}, 200),
    ]:
        assert user.open("GET", url, headers=headers).status_code == (status if dated else 200)


@pytest.mark.parametrize("kind", ["download", "thumbnail", "signed link", "public link"])
def test_a_part_is_looked_for_after_the_preconditions(user: ApiClient, kind: str) -> None:
    url = TAGGED[kind](user)
    etag = user.open("GET", url).headers["ETag"]
    beyond = {"Range": "bytes=99999999-"}

    for headers, status in [
        ({"Range": "bytes=0-1", "If-Match": etag}, 206),
        ({"Range": "bytes=0-1", "If-Match": OTHER}, 412),
        ({"Range": "bytes=0-1", "If-None-Match": etag}, 304),
        ({"Range": "bytes=0-1", "If-None-Match": OTHER}, 206),
        ({**beyond, "If-None-Match": etag}, 304),
        ({**beyond, "If-Match": OTHER}, 412),
        (beyond, 416),
        ({**beyond, "If-Range": OTHER}, 200),
    ]:
        assert user.open("GET", url, headers=headers).status_code == status, headers


@pytest.mark.parametrize("written", [document, event])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_may_be_refused_by_the_tag_of_what_is_there(
    user: ApiClient, written: Callable[[ApiClient], str], method: str
) -> None:
    url = written(user)
    etag = user.open("GET", url).headers["ETag"]
    sent: dict[str, Any] = {"json": {"title": "Other"}} if method == "PUT" else {}

    for refused in (etag, f"W/{etag}", "*"):
        user.call(method, url, 412, headers={"If-None-Match": refused}, **sent)
    user.call(method, url, 200, headers={"If-None-Match": OTHER}, **sent)
