"""deploy/nginx.conf with a real nginx in front of the real server."""

import gzip
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask

from halolight.core.errors import ServiceUnavailable
from tests.api_client import ApiClient
from tests.server.listener import Listener
from tests.server.proxy import (
    DEPLOY,
    NGINX,
    Proxy,
    check_syntax,
    replaced,
    running_proxy,
    write_configuration,
)
from tests.server.running_server import (
    Answer,
    RunningServer,
    Settings,
    eventually,
    free_port,
    running_server,
)

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

ORIGIN = "http://localhost:3000"  # as in the file, and the default of CORS_ORIGINS
BROWSER = {"Origin": ORIGIN}
MB = 1024**2
MOST = 5  # connections of an address
BOUNDARY = "a-line-between-the-parts"


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[RunningServer]:
    with running_server({**settings, "TRUSTED_PROXIES": "1"}) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with running_proxy(tmp_path_factory.mktemp("nginx"), server.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """nginx in front of a server that is away. An address may have a few connections only."""
    limit = "limit_conn halolight_clients {};"
    fewer = {limit.format(256): limit.format(MOST)}
    with running_proxy(tmp_path_factory.mktemp("lonely"), free_port(), fewer) as proxy:
        yield proxy


def form(content: bytes, name: str = "data.bin") -> tuple[dict[str, str], bytes]:
    """The headers and the body of an upload."""
    head = (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}, body


def bearer(client: ApiClient) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.token}"}


def check_envelope(answer: Answer, status: int, code: str) -> None:
    """An error of nginx that the page of a front end can read."""
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert len(answer.headers["X-Request-ID"]) == 32
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    body = answer.json
    assert body["success"] is False
    assert body["error"]["code"] == code
    assert body["error"]["details"] == []


class TestErrors:
    def test_a_body_that_is_too_large(self, proxy: Proxy, user: ApiClient) -> None:
        document = proxy.request(
            "POST", "/api/documents", headers=BROWSER, body=b"[" + b" " * (6 * MB)
        )
        headers = BROWSER | bearer(user) | {"Content-Length": str(200 * MB)}
        upload = proxy.request("POST", "/api/files/upload", headers=headers)

        check_envelope(document, 413, "PAYLOAD_TOO_LARGE")
        check_envelope(upload, 413, "PAYLOAD_TOO_LARGE")

    def test_what_only_machines_inside_may_read(self, proxy: Proxy) -> None:
        check_envelope(proxy.request("GET", "/metrics", headers=BROWSER), 403, "FORBIDDEN")
        check_envelope(proxy.request("GET", "/.halolight/502", headers=BROWSER), 404, "NOT_FOUND")

    def test_a_malformed_request(self, proxy: Proxy) -> None:
        long = proxy.request("GET", "/" + "a" * 17_000, headers=BROWSER)

        assert long.status == HTTPStatus.BAD_REQUEST
        assert long.json["error"]["code"] == "VALIDATION_ERROR"
        check_envelope(
            proxy.request("TRACE", "/api/users", headers=BROWSER), 405, "METHOD_NOT_ALLOWED"
        )

    def test_a_server_that_is_away(self, lonely: Proxy) -> None:
        for host in ("api.example.com", "admin.example.com", "next.example.com"):
            answer = lonely.request("GET", "/api/users", host=host, headers=BROWSER)

            check_envelope(answer, 502, "SERVICE_UNAVAILABLE")
            assert answer.headers["Retry-After"] == "2"

    def test_are_in_the_words_and_the_language_of_the_api(self, lonely: Proxy) -> None:
        for header, language in (("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en,zh;q=0.5", "en")):
            answer = lonely.request("GET", "/", headers=BROWSER | {"Accept-Language": header})
            assert answer.headers["Content-Language"] == language
            said = answer.json["error"]["message"]
            assert said == ServiceUnavailable.message.in_language(language)

    def test_a_browser_that_asks_first_learns_of_the_error(self, lonely: Proxy) -> None:
        asked = {
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization, content-type",
        }

        allowed = lonely.request("OPTIONS", "/api/users/me", headers=BROWSER | asked)
        strange = lonely.request(
            "OPTIONS", "/api/users/me", headers={"Origin": "https://evil.example"} | asked
        )

        assert allowed.status == HTTPStatus.OK
        assert "PUT" in allowed.headers["Access-Control-Allow-Methods"]
        assert allowed.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
        assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert strange.status == HTTPStatus.BAD_GATEWAY

    def test_another_origin_may_not_read_them(self, lonely: Proxy) -> None:
        others = ["https://evil.example", "http://localhost:30", "http://localhost:3000.evil", ".*"]

        for origin in others:
            answer = lonely.request("GET", "/api/users", headers={"Origin": origin})

            assert "Access-Control-Allow-Origin" not in answer.headers, origin
            assert answer.headers["Vary"] == "Origin, Accept-Language"

    def test_too_many_connections_of_an_address(self, lonely: Proxy) -> None:
        with ExitStack() as stack:
            for _ in range(MOST):  # each with a request whose body never comes
                waiting = stack.enter_context(closing(lonely.connect()))
                waiting.putrequest("POST", "/api/auth/login", skip_host=True)
                waiting.putheader("Host", "api.example.com")
                waiting.putheader("Content-Length", "10")
                waiting.endheaders()

            answer = lonely.request("GET", "/api/users", headers=BROWSER)

        check_envelope(answer, 429, "TOO_MANY_REQUESTS")
        assert answer.headers["Retry-After"] == "2"


class TestRequests:
    def test_an_upload_of_20_mb_and_its_download(
        self, proxy: Proxy, app: Flask, user: ApiClient
    ) -> None:
        content = hashlib.sha256(b"seed").digest() * (20 * MB // 32)
        headers, body = form(content)

        uploaded = proxy.request(
            "POST", "/api/files/upload", headers=headers | bearer(user), body=body
        )
        path = f"/api/files/{uploaded.data['id']}/download"
        downloaded = proxy.request("GET", path, headers=bearer(user))

        assert uploaded.status == HTTPStatus.CREATED
        assert uploaded.data["checksum"] == hashlib.sha256(content).hexdigest()
        assert downloaded.body == content

    def test_an_upload_through_the_mount_of_a_front_end(
        self, proxy: Proxy, app: Flask, user: ApiClient
    ) -> None:
        for host in ("admin.example.com", "next.example.com"):
            headers, body = form(b"x" * (6 * MB), name=host)

            answer = proxy.request(
                "POST", "/api/files/upload", host=host, headers=headers | bearer(user), body=body
            )

            assert answer.status == HTTPStatus.CREATED
            assert answer.json["size"] == 6 * MB, host

    def test_a_mount_gets_the_path_and_the_query_as_they_are(
        self, proxy: Proxy, user: ApiClient
    ) -> None:
        mounted = proxy.request(
            "GET", "/api/users/me?a=%2F%20b", host="admin.example.com", headers=bearer(user)
        )
        unknown = proxy.request(
            "GET", "/api/a%2Fb%20c", host="admin.example.com", headers=bearer(user)
        )

        assert mounted.json["code"] == HTTPStatus.OK
        assert unknown.status == HTTPStatus.NOT_FOUND

    def test_live_events_are_passed_on_at_once(
        self, proxy: Proxy, admin: ApiClient, user: ApiClient
    ) -> None:
        ticket = user.post("/api/stream/ticket", status=200)["ticket"]
        with Listener(proxy, user.token) as listener:
            assert listener.wait_for("unread")
            admin.post("/api/notifications", json={"title": "Hi", "userIds": [user.user_id]})
            assert listener.wait_for("notification", within=1.0)

        proxy.request("GET", f"/api/stream?ticket={ticket}x")
        assert eventually(lambda: "/api/stream" in proxy.access_log())
        assert ticket not in proxy.access_log()

    def test_the_files_of_a_front_end(self, proxy: Proxy) -> None:
        answer = proxy.request("GET", "/documents/17", host="admin.example.com")

        assert answer.body == b"<p>The front end</p>"

    def test_a_request_id_goes_through(self, proxy: Proxy) -> None:
        own = proxy.request("GET", "/health", headers={"X-Request-ID": "from-the-client.1"})
        new = proxy.request("GET", "/health", headers={"X-Request-ID": "no good"})

        assert own.headers["X-Request-ID"] == "from-the-client.1"
        assert eventually(lambda: new.headers["X-Request-ID"] in proxy.access_log())

    def test_the_log_has_no_secrets(self, proxy: Proxy) -> None:
        proxy.request("GET", "/api/files/shared/a-secret-token?b=another-secret")
        proxy.request("GET", "/api/calendar/feed/a-secret-token.ics")

        assert eventually(lambda: '"/api/files/shared/<secret>"' in proxy.access_log())
        assert eventually(lambda: '"/api/calendar/feed/<secret>"' in proxy.access_log())
        assert "a-secret-token" not in proxy.access_log()
        assert "another-secret" not in proxy.access_log()

    def test_the_api_knows_that_it_is_behind_tls(self, proxy: Proxy) -> None:
        forged = {"X-Forwarded-Proto": "http", "X-Forwarded-For": "192.0.2.1"}

        answer = proxy.request("GET", "/health", headers=forged)

        assert answer.headers["Strict-Transport-Security"]

    def test_plain_http_is_redirected(self, proxy: Proxy) -> None:
        answer = proxy.request("POST", "/api/auth/login?a=b", tls=False)

        assert answer.status == HTTPStatus.PERMANENT_REDIRECT
        assert answer.headers["Location"] == "https://api.example.com/api/auth/login?a=b"


class TestCompression:
    def test_the_openapi_document_is_compressed_and_unchanged_the_next_time(
        self, proxy: Proxy
    ) -> None:
        accept = {"Accept-Encoding": "gzip"}
        plain = proxy.request("GET", "/openapi.json")

        packed = proxy.request("GET", "/openapi.json", headers=accept)
        again = proxy.request(
            "GET", "/openapi.json", headers=accept | {"If-None-Match": packed.headers["ETag"]}
        )

        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert len(packed.body) < len(plain.body) / 4
        assert (again.status, again.body) == (HTTPStatus.NOT_MODIFIED, b"")

    def test_scripts_are_compressed_and_responses_of_the_api_are_not(
        self, proxy: Proxy, admin: ApiClient
    ) -> None:
        accept = {"Accept-Encoding": "gzip"}

        script = proxy.request("GET", "/docs/assets/swagger-ui-bundle.js", headers=accept)
        roles = proxy.request("GET", "/api/roles", headers=accept | bearer(admin))

        assert script.headers["Content-Encoding"] == "gzip"
        assert len(roles.body) > 1024
        assert "Content-Encoding" not in roles.headers


def test_the_file_for_compose_is_accepted(tmp_path: Path) -> None:
    text = (DEPLOY / "nginx" / "compose.conf").read_text()
    local = replaced(text, {"app:8000": "127.0.0.1:8000", "${CORS_ORIGINS}": f'["{ORIGIN}"]'})

    assert "test is successful" in check_syntax(write_configuration(tmp_path, local))
