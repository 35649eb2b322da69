"""/metrics: Prometheus text whose number of series nobody outside can drive up."""

from flask import Flask
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from tests.api_client import ApiClient

from .operations import application

TOKEN = "a-long-random-text"
TEMPLATE = "/api/documents/<int:document_id>"


def call(client: ApiClient, path: str, method: str = "GET") -> TestResponse:
    """Call it and read the answer to its end, as a server does: only then it is counted."""
    return client.open(method, path, buffered=True)


def metrics(client: ApiClient) -> dict[str, Metric]:
    response = call(client, "/metrics")
    assert response.status_code == 200
    return {metric.name: metric for metric in text_string_to_metric_families(response.text)}


def requests(client: ApiClient) -> dict[tuple[str, str, str], float]:
    """How many requests there have been by method, route and status."""
    return {
        (s.labels["method"], s.labels["route"], s.labels["status"]): s.value
        for s in metrics(client)["http_requests"].samples
        if s.name == "http_requests_total"
    }


class TestMetrics:
    def test_are_the_text_that_prometheus_reads(self, anonymous: ApiClient) -> None:
        response = call(anonymous, "/metrics")

        assert response.content_type.startswith("text/plain; version=")
        assert "success" not in response.text.splitlines()[0]

    def test_count_each_request_once_under_the_template_of_its_route(self, user: ApiClient) -> None:
        key = ("GET", TEMPLATE, "404")
        before = requests(user)

        for document_id in (999_991, 999_992, 999_993):
            call(user, f"/api/documents/{document_id}")

        after = requests(user)
        assert after[key] - before.get(key, 0) == 3
        assert not [route for _, route, _ in after if "99999" in route]

    def test_measure_the_time_of_each_route(self, user: ApiClient) -> None:
        call(user, "/api/users/me")

        durations = metrics(user)["http_request_duration_seconds"].samples

        assert [
            sample.value
            for sample in durations
            if sample.name.endswith("_count") and sample.labels["route"] == "/api/users/me"
        ] >= [1]

    def test_count_a_refusal_too(self, anonymous: ApiClient) -> None:
        before = requests(anonymous)

        call(anonymous, "/api/users/me")

        key = ("GET", "/api/users/me", "401")
        assert requests(anonymous)[key] - before.get(key, 0) == 1

    def test_put_all_addresses_without_a_route_in_one_series(self, anonymous: ApiClient) -> None:
        call(anonymous, "/no/such/address")
        before = requests(anonymous)

        for number in range(20):
            call(anonymous, f"/no/such/address/{number}?{number}")

        after = requests(anonymous)
        new = after.keys() - before.keys() - {("GET", "/metrics", "200")}
        grown = {key for key in before if after[key] - before[key] == 20}
        assert new == set()
        assert len(grown) == 1

    def test_put_all_invented_methods_in_one_series(self, anonymous: ApiClient) -> None:
        call(anonymous, "/health", "BREW")
        before = requests(anonymous)

        for number in range(5):
            call(anonymous, "/health", f"BREW{number}")

        new = requests(anonymous).keys() - before.keys() - {("GET", "/metrics", "200")}
        assert new == set()

    def test_hold_no_address_with_a_secret_in_it(self, anonymous: ApiClient) -> None:
        call(anonymous, "/api/users/me?token=hunter2")

        assert "hunter2" not in call(anonymous, "/metrics").text


def call_from(app: Flask, address: str, forwarded: str = "") -> TestResponse:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return ApiClient(app).open(
        "GET", "/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}
    )


class TestToken:
    def test_is_not_needed_unless_it_is_set(self, anonymous: ApiClient) -> None:
        assert call(anonymous, "/metrics").status_code == 200

    def test_is_needed_in_production_but_on_this_machine(self) -> None:
        with application(NODE_ENV="production") as app:
            for address in ("127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"):
                assert call_from(app, address).status_code == 200
            for address in ("203.0.113.5", "10.0.0.5", "::ffff:10.0.0.5", "2001:db8::1", "unknown"):
                response = call_from(app, address)

                assert response.status_code == 403
                assert response.get_json()["error"]["code"] == "FORBIDDEN"
                assert "http_requests" not in response.text

    def test_the_proxies_tell_who_asks(self) -> None:
        with application(NODE_ENV="production", TRUSTED_PROXIES=1) as app:
            assert call_from(app, "127.0.0.1", "203.0.113.5").status_code == 403
            assert call_from(app, "10.0.0.1", "127.0.0.1").status_code == 200
        with application(NODE_ENV="production") as app:
            assert call_from(app, "203.0.113.5", "127.0.0.1").status_code == 403

    def test_opens(self) -> None:
        with application(METRICS_TOKEN=TOKEN) as app:
            assert metrics(ApiClient(app, TOKEN))

    def test_is_needed_where_it_is_set(self) -> None:
        with application(METRICS_TOKEN=TOKEN) as app:
            for wrong in (None, "", TOKEN[:-1], TOKEN + "x", "ü", "x" * 10_000):
                response = call(ApiClient(app, wrong), "/metrics")

                assert response.status_code == 401
                assert response.get_json()["error"]["code"] == "UNAUTHORIZED"
                assert "http_requests" not in response.text
