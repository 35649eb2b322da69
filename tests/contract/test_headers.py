"""What every answer carries: an id, protection for browsers, and who may read it from where."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NoReturn

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api_client import ApiClient

from .operations import application

LISTED = "http://localhost:3000"  # the default of CORS_ORIGINS
DOWNLOADS = ("content-disposition", "content-range")  # what a front end reads of them
LIMITS = ("retry-after", "ratelimit", "ratelimit-policy")
REFUSED = (
    "https://localhost:3000",
    "http://localhost:3000.attacker.example",
    "http://localhost:30000",
    "http://localhost",
    "http://attacker-localhost:3000",
    "http://attacker.example/http://localhost:3000",
    "http://sub.localhost:3000",
    "null",
    "*",
)
LOOPBACK = (
    "http://localhost",
    "http://localhost:5173",
    "https://localhost:3000",
    "http://127.0.0.1:3000",
    "http://[::1]:4200",
)
NOT_LOOPBACK = (
    "http://localhost.attacker.example:5173",
    "http://attacker-localhost:5173",
    "http://127.0.0.1.attacker.example",
    "http://127a0.0.1:3000",
    "http://192.168.1.20:3000",
    "http://localhost:5173@attacker.example",
    "null",
)
pytestmark = pytest.mark.database("sqlite")  # what is looked at never comes from the database

POLICY = "default-src 'none'; frame-ancestors 'none'"

ANSWERS = [
    ("GET", "/api/users/me", 200),
    ("POST", "/api/documents", 400),
    ("GET", "/api/documents/999999", 404),
    ("DELETE", "/api/users", 405),
    ("GET", "/api/roles", 500),
    ("GET", "/api/nowhere", 404),
    ("OPTIONS", "/api/users", 200),
    ("HEAD", "/api/users/me", 200),
    ("GET", "/nowhere", 404),
    ("GET", "/health", 200),
    ("GET", "/metrics", 200),
    ("GET", "/", 200),
    ("GET", "/docs", 200),
    ("GET", "/api/docs", 200),
    ("GET", "/openapi.json", 200),
    ("GET", "/docs/assets/docs.js", 200),
    ("GET", "/docs/assets/nothing.js", 404),
]


@pytest.fixture(autouse=True)
def _broken_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> NoReturn:
        raise RuntimeError

    monkeypatch.setattr("halolight.modules.roles.service.list_roles", crash)


@pytest.fixture
def answers(super_admin: ApiClient) -> Iterator[list[TestResponse]]:
    """One answer of each kind that there is."""
    with ExitStack() as stack:
        answers = []
        for method, path, status in ANSWERS:
            answer = super_admin.open(method, path)
            stack.callback(answer.close)
            assert answer.status_code == status, answer.text
            answers.append(answer)
        yield answers


def wrong(answers: list[TestResponse], header: str, *values: str) -> dict[str, list[str]]:
    """The answers that have not exactly these values of the header, by method and path."""
    found = {name_of(answer): answer.headers.getlist(header) for answer in answers}
    return {name: given for name, given in found.items() if given != list(values)}


def name_of(answer: TestResponse) -> str:
    return f"{answer.request.method} {answer.request.path}"


class TestEveryAnswer:
    def test_has_a_request_id(self, answers: list[TestResponse]) -> None:
        ids = {name_of(answer): answer.headers.getlist("X-Request-ID") for answer in answers}

        assert [name for name, given in ids.items() if len(given) != 1] == []
        assert [name for name, [given] in ids.items() if len(given) < 16] == []

    def test_is_taken_for_nothing_else(self, answers: list[TestResponse]) -> None:
        assert wrong(answers, "X-Content-Type-Options", "nosniff") == {}

    def test_gives_no_address_away(self, answers: list[TestResponse]) -> None:
        assert wrong(answers, "Referrer-Policy", "no-referrer") == {}

    def test_cannot_be_framed(self, answers: list[TestResponse]) -> None:
        for answer in answers:
            [policy] = answer.headers.getlist("Content-Security-Policy")

            assert policy.startswith("default-src 'none'; "), name_of(answer)
            assert policy.endswith("frame-ancestors 'none'"), name_of(answer)

    def test_is_kept_by_nobody_if_it_is_of_the_api(self, answers: list[TestResponse]) -> None:
        of_the_api = [answer for answer in answers if answer.request.path.startswith("/api/")]

        assert len(of_the_api) > 5
        assert wrong(of_the_api, "Cache-Control", "no-store") == {}

    def test_differs_by_origin(self, answers: list[TestResponse]) -> None:
        varying = {name_of(answer): [name.lower() for name in answer.vary] for answer in answers}

        assert [name for name, headers in varying.items() if "origin" not in headers] == []

    def test_promises_no_encryption_without_it(self, answers: list[TestResponse]) -> None:
        assert wrong(answers, "Strict-Transport-Security") == {}

    def test_does_not_say_what_runs_here(self, answers: list[TestResponse]) -> None:
        assert wrong(answers, "Server") == {}
        assert wrong(answers, "X-Powered-By") == {}


@pytest.mark.parametrize("path", ["/api/users/me", "/health", "/nowhere", "/openapi.json"])
def test_what_is_no_page_may_load_nothing(super_admin: ApiClient, path: str) -> None:
    assert super_admin.open("GET", path).headers["Content-Security-Policy"] == POLICY


class TestRequestId:
    @pytest.mark.parametrize("sent", ["a", "0", "A-z_0.9", "x" * 64, "req-7f3a.2"])
    def test_is_the_callers_own_if_sane(self, anonymous: ApiClient, sent: str) -> None:
        response = anonymous.open("GET", "/health", headers={"X-Request-ID": sent})

        assert response.headers.getlist("X-Request-ID") == [sent]

    @pytest.mark.parametrize(
        "sent", ["", " ", "a b", "x" * 65, "a;b", "a\tb", "<b>", "é", "a,b", "%0a", '"a"', "a/b"]
    )
    def test_is_a_new_one_otherwise(self, anonymous: ApiClient, sent: str) -> None:
        response = anonymous.open("GET", "/health", headers={"X-Request-ID": sent})

        assert response.headers["X-Request-ID"].isalnum()
        assert response.headers["X-Request-ID"] != sent

    def test_is_never_the_same(self, anonymous: ApiClient) -> None:
        ids = {anonymous.open("GET", "/health").headers["X-Request-ID"] for _ in range(10)}

        assert len(ids) == 10


class TestEncryption:
    """HSTS is only sent, and `X-Forwarded-Proto` only believed, as the settings have it."""

    HEADERS = {"X-Forwarded-Proto": "https"}

    def test_is_promised_behind_a_trusted_proxy(self) -> None:
        with application(TRUSTED_PROXIES=1) as app:
            response = ApiClient(app).open("GET", "/health", headers=self.HEADERS)

        assert "max-age=31536000" in response.headers["Strict-Transport-Security"]

    def test_is_not_promised_where_the_proxy_speaks_plainly(self) -> None:
        with application(TRUSTED_PROXIES=1) as app:
            response = ApiClient(app).open("GET", "/health")

        assert "Strict-Transport-Security" not in response.headers

    def test_is_not_promised_because_anybody_says_so(self, anonymous: ApiClient) -> None:
        response = anonymous.open("GET", "/health", headers=self.HEADERS)

        assert "Strict-Transport-Security" not in response.headers

    def test_is_promised_when_the_server_has_it(self, app: Flask) -> None:
        response = app.test_client().get("/health", base_url="https://localhost")

        assert "Strict-Transport-Security" in response.headers


class TestCors:
    ASKED = ("authorization", "content-type", "idempotency-key", "if-match")
    PREFLIGHT = {
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": ", ".join(ASKED),
    }

    @pytest.mark.parametrize("path", ["/api/users/me", "/api/roles", "/api/nowhere", "/health"])
    def test_lets_a_listed_origin_read(self, super_admin: ApiClient, path: str) -> None:
        """Failures too: else the front end could not show them."""
        headers = super_admin.open("GET", path, headers={"Origin": LISTED}).headers

        assert headers.getlist("Access-Control-Allow-Origin") == [LISTED]
        assert headers.getlist("Access-Control-Allow-Credentials") == ["true"]
        exposed = headers["Access-Control-Expose-Headers"].lower()
        readable = {"x-request-id", "etag", "link", *LIMITS, *DOWNLOADS}
        assert readable <= set(exposed.split(", "))

    @pytest.mark.parametrize("origin", REFUSED)
    def test_lets_no_other_origin_read(self, super_admin: ApiClient, origin: str) -> None:
        response = super_admin.open("GET", "/api/users/me", headers={"Origin": origin})

        assert response.status_code == 200
        assert self.granted(response) == []

    @pytest.mark.parametrize("origin", [None, LISTED, REFUSED[0]])
    @pytest.mark.parametrize("path", ["/api/users/me", "/api/nowhere"])
    def test_always_says_that_the_answer_differs(
        self, super_admin: ApiClient, path: str, origin: str | None
    ) -> None:
        """Else a cache would give one origin's answer to another."""
        headers = {"Origin": origin} if origin else {}

        response = super_admin.open("GET", path, headers=headers)

        assert "origin" in [name.lower() for name in response.vary]

    @pytest.mark.parametrize("path", ["/api/users/1", "/api/auth/login"])
    def test_answers_a_listed_origin_before_its_request(
        self, anonymous: ApiClient, path: str
    ) -> None:
        response = anonymous.open("OPTIONS", path, headers=self.PREFLIGHT | {"Origin": LISTED})

        assert response.status_code == 200
        assert response.headers["Access-Control-Allow-Origin"] == LISTED
        assert response.headers["Access-Control-Allow-Credentials"] == "true"
        assert "PATCH" in response.headers["Access-Control-Allow-Methods"]
        allowed = response.headers["Access-Control-Allow-Headers"].lower()
        assert allowed == ", ".join(sorted(self.ASKED))

    def test_lets_a_browser_ask_what_is_not_there(self, anonymous: ApiClient) -> None:
        """Else it would report CORS in place of the 404."""
        for method in ("GET", "PATCH", "QUERY"):
            asked = {"Origin": LISTED, "Access-Control-Request-Method": method}
            for path in ("/api/nowhere", "/api/documents/x/y", "/api/", "/api"):
                response = anonymous.open("OPTIONS", path, headers=asked)
                assert (response.status_code, response.data) == (200, b"")
                assert response.headers["Access-Control-Allow-Origin"] == LISTED

        for method, path in (("GET", "/api/nowhere"), ("QUERY", "/api/documents")):
            response = anonymous.open(method, path, headers={"Origin": LISTED})
            assert response.status_code in {404, 405}
            assert response.headers["Access-Control-Allow-Origin"] == LISTED
        assert anonymous.open("OPTIONS", "/api/nowhere").status_code == 404
        assert anonymous.open("OPTIONS", "/nowhere", headers=asked).status_code == 404

    @pytest.mark.parametrize("origin", REFUSED)
    def test_answers_no_other_origin_before_its_request(
        self, anonymous: ApiClient, origin: str
    ) -> None:
        headers = self.PREFLIGHT | {"Origin": origin}

        assert self.granted(anonymous.open("OPTIONS", "/api/users/1", headers=headers)) == []

    def test_never_combines_any_origin_with_credentials(self) -> None:
        with application(CORS_ORIGINS=("*",)) as app:
            response = ApiClient(app).open("GET", "/health", headers={"Origin": "http://a.example"})

        assert "Access-Control-Allow-Origin" in response.headers
        assert "Access-Control-Allow-Credentials" not in response.headers

    @pytest.mark.parametrize(
        ("origin", "granted"),
        [("http://[::1]:3000", True), ("http://1:3000", False), ("http://:3000", False)],
    )
    def test_reads_a_listed_origin_as_it_is_written(self, origin: str, granted: bool) -> None:
        with application(CORS_ORIGINS=("http://[::1]:3000",)) as app:
            response = ApiClient(app).open("GET", "/health", headers={"Origin": origin})

        assert self.granted(response) == ([origin] if granted else [])

    def test_lets_in_every_page_on_this_machine_in_development(self) -> None:
        with application(NODE_ENV="development") as app:
            client = ApiClient(app)
            answers = {
                origin: self.granted(client.open("GET", "/nowhere", headers={"Origin": origin}))
                for origin in (*LOOPBACK, *NOT_LOOPBACK)
            }

        assert answers == {o: [o] for o in LOOPBACK} | {o: [] for o in NOT_LOOPBACK}

    @pytest.mark.parametrize(
        "settings",
        [
            {"NODE_ENV": "development", "CORS_ORIGINS": ("http://localhost:3000",)},
            {"NODE_ENV": "production"},
        ],
        ids=["set", "production"],
    )
    def test_lets_in_listed_origins_only_otherwise(self, settings: dict[str, Any]) -> None:
        with application(**settings) as app:
            for origin, granted in ((LISTED, [LISTED]), ("http://localhost:5173", [])):
                response = ApiClient(app).open("GET", "/health", headers={"Origin": origin})
                assert self.granted(response) == granted

    def test_says_once_which_setting_lets_an_origin_in(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        own = "http://localhost"  # the pages of the API itself, as the client of the tests sees it
        with application() as app:
            caplog.set_level("WARNING", "halolight")
            client = ApiClient(app)
            for origin in (
                "https://app.example.com",
                own,
                LISTED,
                "null",
                "http://x'; rm -rf /",
                "http://[",
            ):
                for _ in range(2):
                    client.open("POST", "/api/auth/login", headers={"Origin": origin})
            for number in range(100):
                client.open("GET", "/health", headers={"Origin": f"http://a{number}.example.com"})

        refusals = [each.getMessage() for each in caplog.records if "CORS" in each.getMessage()]
        assert "https://app.example.com" in refusals[0]
        line = """CORS_ORIGINS='["http://localhost:3000", "https://app.example.com"]'"""
        assert refusals[0].endswith(line)
        assert len(refusals) == 20
        assert not any(word in text for text in refusals for word in ("null", "rm -rf"))

    @staticmethod
    def granted(response: TestResponse) -> list[str]:
        return response.headers.getlist("Access-Control-Allow-Origin")
