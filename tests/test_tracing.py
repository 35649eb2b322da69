"""Reports of crashes and traces of requests: sent where a variable asks, without personal data."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from halolight import tracing
from halolight.config import Config
from halolight.core import crashes
from halolight.core.background.task import BackgroundTask
from halolight.setting import SettingError
from tests.api_client import ApiClient
from tests.factories import Factory

DSN = "https://key@sentry.example.com/1"
ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
SECRET = "hunter2"
TEXT = f"Key (email)=({SECRET}@example.com) already exists"
USER_AGENT = "secret-agent"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What would be sent to Sentry, as its client writes it."""
    transport = pytest.importorskip("sentry_sdk.transport")
    sent: list[Any] = []

    class Fake(transport.Transport):  # type: ignore[name-defined]
        def capture_envelope(self, envelope: Any) -> None:
            sent.append(envelope)

    monkeypatch.setattr(crashes, "_reporters", [])
    tracing.report_crashes(Config(NODE_ENV="test", SENTRY_DSN=DSN), Fake())
    yield sent
    import sentry_sdk

    sentry_sdk.get_global_scope().set_client(None)


def crash(*_: Any, **__: Any) -> None:
    secret = SECRET  # noqa: F841 # a local variable
    raise RuntimeError(TEXT)  # as a driver's error, with a value


class TestCrashes:
    def test_are_reported_without_personal_data(
        self, reports: list[Any], user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("halolight.core.db.base.Database.rows", crash)

        answer = user.open(
            "GET",
            f"/api/documents/{123_454_321}?search={SECRET}",
            headers={"User-Agent": USER_AGENT, "X-Request-ID": "a-request"},
        )

        assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
        [envelope] = reports
        event = envelope.get_event()
        text = envelope.serialize().decode()
        [error] = event["exception"]["values"]
        assert error["type"] == "RuntimeError"
        assert error["stacktrace"]["frames"][-1]["function"] == "crash"
        assert event["transaction"] == "/api/documents/<int:document_id>"
        assert event["tags"]["request_id"] == "a-request"
        for private in (SECRET, "already exists", USER_AGENT, "123454321", "127.0.0.1"):
            assert private not in text
        assert str(user.token) not in text
        assert not any("vars" in frame for frame in error["stacktrace"]["frames"])

    def test_of_background_tasks_are_reported(self, reports: list[Any], app: Flask) -> None:
        task = BackgroundTask(
            Flask("tests"), crash, delay=0, interval=None, at_stop=False, name="sweep"
        )

        task.run()

        [envelope] = reports
        assert envelope.get_event()["tags"]["place"] == "sweep"

    def test_refusals_are_none(self, reports: list[Any], anonymous: ApiClient) -> None:
        anonymous.get("/api/users/me", status=401)
        anonymous.open("GET", "/api/nothing")

        assert reports == []


@pytest.fixture
def traced(app: Flask) -> Iterator[tuple[Any, list[Any]]]:
    """The application with traces, and the spans that would have been sent."""
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    exporter = memory.InMemorySpanExporter()
    wrapped = tracing.trace_requests(app.wsgi_app, exporter)

    class Spans(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            wrapped.provider.force_flush()
            return iter(exporter.get_finished_spans())

    original, app.wsgi_app = app.wsgi_app, wrapped  # type: ignore[method-assign]
    yield app, Spans()
    app.wsgi_app = original  # type: ignore[method-assign]
    wrapped.provider.shutdown()


class TestTraces:
    def test_have_a_span_per_request_without_personal_data(
        self, traced: tuple[Flask, list[Any]], make: Factory
    ) -> None:
        _, spans = traced
        user = make.client("user")

        user.open(
            "GET",
            f"/api/documents/123454321?search={SECRET}",
            headers={
                "User-Agent": USER_AGENT,
                "traceparent": f"00-{TRACE}-{PARENT}-01",
                "X-Request-ID": "a-request",
            },
            buffered=True,
        )

        [span] = spans
        assert span.name == "GET /api/documents/<int:document_id>"
        assert dict(span.attributes) == {
            "http.request.method": "GET",
            "http.route": "/api/documents/<int:document_id>",
            "http.response.status_code": 404,
            "url.scheme": "http",
            "halolight.request_id": "a-request",
        }
        assert f"{span.context.trace_id:032x}" == TRACE
        assert f"{span.parent.span_id:016x}" == PARENT
        assert span.resource.attributes["service.name"] == "halolight"
        for private in (SECRET, USER_AGENT, "123454321", str(user.token), "127.0.0.1"):
            assert private not in span.to_json()

    def test_name_failures_and_ignore_what_machines_ask(
        self, traced: tuple[Flask, list[Any]], monkeypatch: pytest.MonkeyPatch, make: Factory
    ) -> None:
        app, spans = traced
        user = make.client("user")
        for path in ("/health", "/health/live", "/metrics"):
            ApiClient(app).open("GET", path, buffered=True)
        ApiClient(app).open("BREW", "/no/such/address", buffered=True)
        monkeypatch.setattr("halolight.core.db.base.Database.rows", crash)
        user.open("GET", "/api/users/me", buffered=True)

        invented, failed = spans
        assert invented.name == "_OTHER"
        assert failed.status.status_code.name == "ERROR"
        assert failed.attributes["error.type"] == "500"
        assert list(failed.events) == []


class TestSettings:
    def test_refuse_what_cannot_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for wrong in (
            "sentry.example.com",
            "https://sentry.example.com/1",
            f"{DSN}x",
            "ftp://k@h/1",
        ):
            with pytest.raises(SettingError, match="SENTRY_DSN: "):
                Config.from_env({"NODE_ENV": "test", "SENTRY_DSN": wrong})
        for more in (
            {"OTEL_TRACES_EXPORTER": "console"},
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"},
        ):
            with pytest.raises(SettingError, match=next(iter(more))):
                tracing.check(ENDPOINT | more)
        tracing.check(ENDPOINT)
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        with pytest.raises(SettingError, match=r"needs .*pip install -r requirements-tracing\.txt"):
            tracing.check(ENDPOINT)
        with pytest.raises(SettingError, match=r"needs .*pip install -r requirements-tracing\.txt"):
            Config.from_env({"NODE_ENV": "test", "SENTRY_DSN": DSN})

    def test_turn_traces_on_and_off(self) -> None:
        assert tracing.wants_traces(ENDPOINT)
        assert tracing.wants_traces({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector/v1"})
        assert not tracing.wants_traces({})
        assert not tracing.wants_traces(ENDPOINT | {"OTEL_SDK_DISABLED": "true"})
        assert not tracing.wants_traces(ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"})

    def test_cost_nothing_when_they_are_not_set(self, project: Path) -> None:
        code = "import sys, wsgi; print({'sentry_sdk', 'opentelemetry'} & set(sys.modules))"
        environment = os.environ | {
            "NODE_ENV": "test",
            "JWT_SECRET": "x" * 32,
            "SERVER_SOFTWARE": "gunicorn/1",
        }
        for name in ("SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT"):
            environment.pop(name, None)

        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stdout == "set()\n"

    def test_are_checked_before_the_metrics_are_loaded(self, project: Path) -> None:
        """The library looks where the workers' metrics meet when it is imported: see server.py."""
        code = "import sys, halolight.tracing; print('prometheus_client' in sys.modules)"

        done = subprocess.run(
            [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
        )

        assert done.stdout == "False\n"
