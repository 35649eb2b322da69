"""A mount is the whole application behind other words: its limits, its headers, its log."""

import base64
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.files.models import Blob
from tests.api_client import ApiClient
from tests.contract.operations import application
from tests.contract.statements import recorded
from tests.factories import PASSWORD, Factory
from tests.modules.files.steps import FORM, form, picture, upload

from .front_end import FrontEnd, bare, vue_list

WEEK = 7 * 24 * 3600
MB = 1024**2


def life(token: str) -> int:
    """For how many seconds a token is good, as the front ends read it."""
    payload = token.split(".")[1]
    claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return int(claims["exp"] - claims["iat"])


def measured(front_end: FrontEnd) -> float:
    """How many reads of roles the metrics have counted."""
    text = front_end.app.test_client().get("/metrics", buffered=True).text
    counted = re.findall(r'http_requests_total{method="GET",route="/api/roles",.* (.+)', text)
    return sum(map(float, counted))  # over all statuses


class TestTokens:
    @pytest.fixture
    def login(self, make: Factory) -> dict[str, str]:
        return {"email": make.user().email, "password": PASSWORD}

    def test_of_a_mount_live_as_long_as_the_session_may_be_unused(
        self, app: Flask, login: dict[str, str]
    ) -> None:
        for mount in ("next", "react", "vue", "solid"):
            answer = FrontEnd(app, mount).call("POST", "/auth/login", json=login)
            tokens = answer["data"]["token"] if mount == "solid" else answer["data"]

            assert life(tokens["accessToken"]) == tokens["expiresIn"] == WEEK

    def test_that_a_mount_renews_live_as_long_too(self, app: Flask, login: dict[str, str]) -> None:
        vue = FrontEnd(app, "vue")
        tokens = vue.call("POST", "/auth/login", json=login)

        renewed = vue.call("POST", "/auth/refresh", json={"refreshToken": tokens["refreshToken"]})

        assert life(renewed["accessToken"]) == WEEK

    def test_of_the_api_stay_short_whatever_a_client_sends(
        self, anonymous: ApiClient, login: dict[str, str]
    ) -> None:
        names = ("renews_tokens", "halolight.renews_tokens", "X-Halolight-Mount", "X-Dialect")
        headers = {name.replace("_", "-"): "0" for name in names} | {"X-Script-Name": "/next"}

        tokens = anonymous.post("/api/auth/login", json=login, headers=headers, status=200)

        assert life(tokens["accessToken"]) == 15 * 60

    def test_of_a_mount_end_with_the_session(self, app: Flask, login: dict[str, str]) -> None:
        first = FrontEnd(app, "next").call("POST", "/auth/login", json=login)
        next_js = FrontEnd(app, "next", first["accessToken"])
        next_js.call("POST", "/auth/logout")

        next_js.call("GET", "/auth/me", status=401)


class TestLists:
    def test_without_a_page_are_whole(self, make: Factory) -> None:
        sender, receiver = make.client("super_admin"), make.client("super_admin")
        for number in range(101):
            sender.post("/api/documents", json={"title": f"Paper {number}"})
        next_js = FrontEnd(make.app, "next", receiver.token)

        with recorded(make.app) as statements:
            documents = next_js.call("GET", "/documents")

        assert len(documents["data"]) == documents["meta"]["total"] == 101
        assert len(statements) == 2

    def test_of_the_api_stay_short_when_a_mount_has_asked_for_all(
        self, super_admin: ApiClient, vue: FrontEnd
    ) -> None:
        vue.call("GET", "/users")

        super_admin.get("/api/users?pageSize=10000", status=400)
        vue.call("GET", "/users?pageSize=10000", status=400)

    def test_take_two_statements(self, app: Flask, rows: Any, next_js: FrontEnd) -> None:
        lists = ("/users", "/roles", "/teams", "/files", "/calendar/events", "/notifications")
        counts = {}
        for path in (*lists, "/messages/conversations", f"/messages/c{rows['conversation_id']}"):
            with recorded(app) as statements:
                next_js.call("GET", path)
            counts[path] = len(statements)

        assert {path: count for path, count in counts.items() if count > 2} == {}


class TestBodies:
    def test_are_measured_before_they_are_read(self, app: Flask, next_js: FrontEnd) -> None:
        """64 KB where nobody is signed in, 1 MB else."""
        large = json.dumps({"email": "x" * 65_000, "password": "y" * 1000})
        sent: dict[str, Any] = {"data": large, "content_type": "application/json"}
        FrontEnd(app, "next").call("POST", "/auth/login", **sent, status=413)
        next_js.call("POST", "/teams", **sent, status=400)

        sent["data"] = json.dumps({"name": "x" * MB})
        next_js.call("POST", "/teams", **sent, status=413)

    def test_of_unknown_length_are_read_as_far_as_they_may_be_long(self, app: Flask) -> None:
        body = io.BytesIO(json.dumps({"email": "x" * MB}).encode())

        FrontEnd(app, "next").call(
            "POST",
            "/auth/login",
            input_stream=body,
            content_type="application/json",
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
            status=413,
        )

        assert body.tell() < 130 * 1024

    def test_of_strangers_are_not_read(self, app: Flask) -> None:
        class Unread(io.BytesIO):
            def read(self, *_: Any) -> bytes:
                pytest.fail("the body has been read")

        FrontEnd(app, "next").call(
            "POST",
            "/teams",
            input_stream=Unread(),
            content_type="application/json",
            content_length=20,
            status=401,
        )

    def test_that_are_no_json_are_refused_as_ever(self, next_js: FrontEnd) -> None:
        given = {"data": "{", "content_type": "application/json"}
        next_js.call("POST", "/teams", **given, status=400)
        next_js.call("POST", "/teams", data="[1]", content_type="application/json", status=400)
        next_js.call("POST", "/teams", data="{}", content_type="text/plain", status=415)
        encoded = {"Content-Encoding": "gzip"}
        next_js.call("POST", "/teams", json={"name": "x"}, headers=encoded, status=415)

    def test_of_uploads_and_downloads_stay_as_they_are(
        self, super_admin: ApiClient, next_js: FrontEnd
    ) -> None:
        """Even where a file is JSON and looks like an answer of ours."""
        data = b'{"success": true, "data": null, "message": "mine"}'
        sent = {"data": form(data, "mine.json"), "headers": FORM}
        file = next_js.call("POST", "/files/upload", **sent, status=201)
        with next_js.app.app_context():
            db.session.execute(sa.update(Blob).values(mime_type="application/json"))
            db.session.commit()
        link = next_js.call("GET", f"/files/{file['id']}/download-url")["url"]

        for address in (f"/files/{file['id']}/download", link.removeprefix("/api")):
            answer = next_js.open("GET", address)
            assert (answer.data, answer.mimetype) == (data, "application/json")
            assert "no-cache" in answer.headers["Cache-Control"]


class TestLinks:
    def test_to_thumbnails_need_no_token(self, super_admin: ApiClient, react: FrontEnd) -> None:
        upload(super_admin, picture(), "red.png")
        [file] = bare(react.call("GET", "/files"))

        assert file["thumbnail"].startswith("/api/files/thumbnail?signed=")
        for prefix in ("", "/next"):
            answer = react.app.test_client().get(prefix + file["thumbnail"], buffered=True)
            assert answer.status_code == 200
            assert answer.content_type == "image/webp"

    def test_to_thumbnails_stay_the_same_for_a_while(
        self, super_admin: ApiClient, next_js: FrontEnd
    ) -> None:
        upload(super_admin, picture(), "red.png")

        links = {next_js.call("GET", "/files")["data"][0]["thumbnail"] for _ in range(2)}

        assert len(links) == 1


class TestRequest:
    def test_has_one_line_in_the_log_with_its_own_address(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with application(LOG_LEVEL="INFO", LOG_FORMAT="json") as app:
            capsys.readouterr()
            FrontEnd(app, "next").open("GET", "/auth/me")
            FrontEnd(app, "next").open("GET", "/files/shared/hidden")
        written = capsys.readouterr().err

        paths = [orjson.loads(line).get("path") for line in written.splitlines()]
        assert [path for path in paths if path] == [
            "/next/api/auth/me",
            "/next/api/files/shared/<secret>",
        ]
        assert "hidden" not in written

    def test_is_measured_under_the_route_of_its_call(self, next_js: FrontEnd) -> None:
        before = measured(next_js)

        next_js.call("GET", "/roles/detail")

        assert measured(next_js) == before + 1

    def test_has_the_headers_of_every_answer(self, next_js: FrontEnd) -> None:
        for path, status in (("/users", 200), ("/nowhere", 404), ("/users/999999", 404)):
            headers = next_js.open("GET", path, headers={"X-Request-ID": "mine"}).headers

            assert next_js.last.status_code == status
            assert headers.getlist("X-Request-ID") == ["mine"]
            assert headers.getlist("Cache-Control") == ["no-store"]
            assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
            assert int(headers["Content-Length"]) == len(next_js.last.data)

    def test_from_a_listed_origin_is_answered_with_cors(self, next_js: FrontEnd) -> None:
        origin = "http://localhost:3000"
        asking = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        preflight = next_js.open("OPTIONS", "/files/1/rename", headers=asking)
        answer = next_js.open("GET", "/roles/detail", headers={"Origin": origin})

        assert preflight.status_code == 200
        for each in (preflight, answer):
            assert each.headers["Access-Control-Allow-Origin"] == origin

    def test_is_counted_against_the_limit_of_its_user(self) -> None:
        with application(RATE_LIMIT_DEFAULT="2/hour") as app:
            statuses = [
                FrontEnd(app, "next").open("POST", "/auth/refresh", json={}).status_code
                for _ in range(3)
            ]

        assert statuses == [400, 400, 429]

    def test_with_a_key_is_carried_out_once(self, super_admin: ApiClient, vue: FrontEnd) -> None:
        headers = {"Idempotency-Key": "k1"}
        bodies = [{"title": "Plan"}, {"title": "Plan"}, {"title": "Other"}]
        answers = [
            vue.open("POST", "/documents", json=body, headers=headers).get_json() for body in bodies
        ]

        assert answers[0]["success"]
        assert answers[0] == answers[1]
        assert answers[2]["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"
        assert super_admin.get("/api/documents")["total"] == 1

    def test_for_a_page_has_no_links_in_the_words_of_the_api(self, vue: FrontEnd) -> None:
        vue.call("GET", "/users?page=1&pageSize=10")

        assert "Link" not in vue.last.headers

    def test_for_the_head_alone_has_the_length_of_the_body(self, vue: FrontEnd) -> None:
        vue_list(vue.call("GET", "/users"))
        length = vue.last.headers["Content-Length"]

        answer = vue.open("HEAD", "/users")

        assert (answer.data, answer.headers["Content-Length"]) == (b"", length)

    def test_below_no_mount_is_left_alone(self, super_admin: ApiClient) -> None:
        client = super_admin.app.test_client()
        plain = client.get("/api/users", headers=super_admin.headers).get_json()

        assert plain.keys() == {"success", "data", "message"}
        for path in ("/nextdoor/api/users", "/next/apiary", "/next", "/other/api/users", "/next/"):
            answer = client.get(path, headers=super_admin.headers).get_json()
            assert answer.keys() == {"success", "error"}, path


def test_a_fault_of_ours_is_told_in_the_words_of_the_front_end(
    monkeypatch: pytest.MonkeyPatch, vue: FrontEnd, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: Any) -> Iterator[Any]:
        raise RuntimeError

    monkeypatch.setattr("halolight.dialects.translator.Exchange._mapped", crash)
    body = vue.call("GET", "/users", status=500)

    assert (body["code"], body["message"]) == (500, "Something went wrong. Please try again later.")
    assert "unhandled error in a dialect" in caplog.text
