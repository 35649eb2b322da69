"""`RATE_LIMIT_DEFAULT`: how often one user, or one address without a sign-in, may call."""

from typing import Any

import pytest
import time_machine

from tests.api_client import ApiClient
from tests.core.conftest import BuildApp
from tests.factories import Factory

LIMIT = 3
FORGOT = "/api/auth/forgot-password"  # needs no token, and says the same to everybody


@pytest.fixture
def make(build_app: BuildApp) -> Factory:
    """Users of an application with a limit, instead of the usual one."""
    return Factory(build_app(RATE_LIMIT_DEFAULT=f"{LIMIT}/hour"), "!")


@pytest.fixture
def anonymous(make: Factory) -> ApiClient:
    return ApiClient(make.app)


def ask(client: ApiClient, *, status: int = 200, **kwargs: Any) -> Any:
    """Call what anybody may call."""
    return client.post(FORGOT, json={"email": "x@example.com"}, status=status, **kwargs)


def use_up(client: ApiClient) -> None:
    for _ in range(LIMIT):
        client.get("/api/users/me")


class TestLimitOfUser:
    def test_refuses_the_call_beyond_it(self, make: Factory) -> None:
        client = make.client()
        use_up(client)

        error = client.get("/api/users/me", status=429)

        assert error["code"] == "TOO_MANY_REQUESTS"
        assert error["details"] == []
        assert 0 < int(client.last.headers["Retry-After"]) <= 3601

    def test_covers_every_address_of_the_api_together(self, make: Factory) -> None:
        client = make.client()

        client.get("/api/users/me")
        client.get("/api/documents")
        client.post("/api/documents", json={"title": "Plan"})

        client.get("/api/teams", status=429)

    def test_covers_all_sessions_of_the_user(self, make: Factory) -> None:
        client = make.client()
        use_up(client)

        make.sign_in(client.user_id).get("/api/users/me", status=429)

    def test_leaves_others_at_the_same_address_alone(
        self, make: Factory, anonymous: ApiClient
    ) -> None:
        use_up(make.client())

        make.client().get("/api/users/me")
        ask(anonymous)

    def test_counts_calls_that_are_forbidden(self, make: Factory) -> None:
        guest = make.client("guest")
        for _ in range(LIMIT):
            guest.get("/api/documents", status=403)

        guest.get("/api/documents", status=429)

    def test_has_no_effect_beyond_it(self, make: Factory) -> None:
        client = make.client()
        use_up(client)

        client.post("/api/documents", json={"title": "Plan"}, status=429)

        assert make.client("admin").get("/api/documents")["total"] == 0


class TestLimitOfAddress:
    def test_refuses_the_call_beyond_it(self, anonymous: ApiClient) -> None:
        for _ in range(LIMIT):
            ask(anonymous)

        error = ask(anonymous, status=429)

        assert error["code"] == "TOO_MANY_REQUESTS"
        assert int(anonymous.last.headers["Retry-After"]) > 0

    def test_leaves_other_addresses_alone(self, anonymous: ApiClient) -> None:
        for _ in range(LIMIT):
            ask(anonymous)

        ask(anonymous, environ_base={"REMOTE_ADDR": "192.0.2.1"})

    def test_covers_the_network_of_an_ipv6_address(self, anonymous: ApiClient) -> None:
        for number in range(LIMIT):
            ask(anonymous, environ_base={"REMOTE_ADDR": f"2001:db8::{number}"})

        ask(anonymous, environ_base={"REMOTE_ADDR": "2001:db8::ffff:1"}, status=429)
        ask(anonymous, environ_base={"REMOTE_ADDR": "2001:db8:0:1::1"})

    def test_does_not_believe_a_forged_address(self, anonymous: ApiClient) -> None:
        for _ in range(LIMIT):
            ask(anonymous)

        ask(anonymous, status=429, headers={"X-Forwarded-For": "192.0.2.1"})

    def test_counts_calls_that_lack_a_sign_in(self, anonymous: ApiClient) -> None:
        for _ in range(LIMIT):
            anonymous.get("/api/documents", status=401)

        anonymous.get("/api/documents", status=429)

    def test_ends_with_its_time(self, anonymous: ApiClient, clock: time_machine.Traveller) -> None:
        for _ in range(LIMIT):
            ask(anonymous)
        ask(anonymous, status=429)

        clock.shift(int(anonymous.last.headers["Retry-After"]))

        ask(anonymous)


class TestHeaders:
    """They say what is left, as draft-ietf-httpapi-ratelimit-headers has it."""

    def test_are_sent_with_every_answer_that_is_counted(
        self, make: Factory, anonymous: ApiClient, clock: time_machine.Traveller
    ) -> None:
        client, guest = make.client(), make.client("guest")
        client.get("/api/users/me")
        guest.get("/api/documents", status=403)
        anonymous.get("/api/documents", status=401)
        for caller in (client, guest, anonymous):
            assert caller.last.headers["RateLimit-Policy"] == f'"default";q={LIMIT};w=3600'
            assert left(caller) == (LIMIT - 1, 3600)

        clock.shift(600)
        client.post("/api/documents", json={}, status=400)
        assert left(client) == (LIMIT - 2, 3000)
        client.get("/api/documents/999999", status=404)
        for _ in range(2):
            client.get("/api/users/me", status=429)
            assert left(client) == (0, 3000)
            assert 3000 <= int(client.last.headers["Retry-After"]) <= 3001

        clock.shift(3001)
        anonymous.get("/api/documents", status=401)
        assert left(anonymous) == (LIMIT - 1, 3600)

    def test_are_for_scripts_of_other_origins_too(self, anonymous: ApiClient) -> None:
        ask(anonymous, headers={"Origin": "http://localhost:3000"})

        exposed = anonymous.last.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed)


def left(client: ApiClient) -> tuple[int, int]:
    """How many calls are left, and for how many seconds, as the last answer says."""
    policy, remaining, seconds = client.last.headers["RateLimit"].split(";")
    assert policy == '"default"'
    return int(remaining.removeprefix("r=")), int(seconds.removeprefix("t="))


class TestNoLimit:
    @pytest.mark.parametrize("path", ["/health", "/health/live", "/openapi.json", "/metrics"])
    def test_is_set_for_what_is_not_the_api(self, anonymous: ApiClient, path: str) -> None:
        statuses = {anonymous.open("GET", path).status_code for _ in range(LIMIT + 1)}

        assert statuses == {200}

    def test_is_set_unless_asked_for(self, build_app: BuildApp) -> None:
        anonymous = ApiClient(build_app())

        for _ in range(20):
            ask(anonymous)
            assert "RateLimit" not in anonymous.last.headers
            assert "RateLimit-Policy" not in anonymous.last.headers


class TestRedisThatIsAway:
    def test_is_answered_as_a_database_that_is_away(self, build_app: BuildApp) -> None:
        app = build_app(RATE_LIMIT_DEFAULT="5/hour", REDIS_URL="redis://127.0.0.1:1/0")
        client = ApiClient(app)

        error = client.post("/api/auth/login", json={}, status=503)

        assert error["code"] == "SERVICE_UNAVAILABLE"
        assert client.last.headers["Retry-After"]


class TestProxies:
    """With one trusted proxy in front, nobody gets another IP address by sending a header."""

    @pytest.fixture
    def make(self, build_app: BuildApp) -> Factory:
        app = build_app(RATE_LIMIT_DEFAULT=f"{LIMIT}/hour", TRUSTED_PROXIES=1)
        return Factory(app, "!")

    def test_the_address_is_the_one_that_the_proxy_saw(self, anonymous: ApiClient) -> None:
        for number in range(LIMIT):
            ask(anonymous, headers={"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.1"})

        ask(anonymous, headers={"X-Forwarded-For": "10.0.0.99, 192.0.2.1"}, status=429)
        ask(anonymous, headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.2"})
