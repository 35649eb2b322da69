"""Crash reports to Sentry and traces with OpenTelemetry, if a variable turns them on.

Both are optional: nothing is imported unless its variable is set. Neither sends what a user has
typed or who they are: no addresses, headers, bodies, queries, paths, local variables or texts of
errors, because a driver's error may contain a value. The log has the text, by the request id.
"""

import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from . import __version__
from .config import Config
from .core import crashes, logs
from .setting import SettingError

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
SERVICE = "halolight"
UNTRACED = ("/health", "/metrics")  # requested frequently by machines
FLUSH_SECONDS = 2  # at the stop of a worker
# What is left of a Sentry event.
_KEPT = frozenset(
    {"event_id", "timestamp", "platform", "level", "exception", "tags", "release", "environment"}
    | {"server_name", "sdk", "contexts", "transaction"}
)


def wants_traces(env: Mapping[str, str]) -> bool:
    """As the OpenTelemetry specification has it, but nothing is sent unless an endpoint is set."""
    if env.get("OTEL_SDK_DISABLED", "").casefold() == "true":
        return False
    if env.get("OTEL_TRACES_EXPORTER", "otlp") == "none":
        return False
    return any(env.get(name) for name in ENDPOINTS)


def check(env: Mapping[str, str]) -> None:
    """Raise `SettingError` if traces are turned on but cannot be sent."""
    if not wants_traces(env):
        return
    name = next(name for name in ENDPOINTS if env.get(name))
    if importlib.util.find_spec("opentelemetry") is None:
        fault = "needs OpenTelemetry: pip install -r requirements-tracing.txt"
        raise SettingError(name, fault, "http://localhost:4318")
    exporter = env.get("OTEL_TRACES_EXPORTER") or "otlp"
    if exporter != "otlp":
        raise SettingError("OTEL_TRACES_EXPORTER", f"{exporter!r} is not 'otlp' or 'none'", "otlp")
    for name in PROTOCOLS:
        if (protocol := env.get(name) or "http/protobuf") != "http/protobuf":
            raise SettingError(name, f"{protocol!r} is not supported", "http/protobuf")


def report_crashes(config: Config, transport: Any = None) -> None:
    """Send unexpected errors to `SENTRY_DSN`. Called only if it is set."""
    import sentry_sdk

    sentry_sdk.init(
        config.SENTRY_DSN,
        transport=transport,
        release=f"{SERVICE}@{__version__}",
        environment=config.NODE_ENV,
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        before_send=_without_data,
    )
    crashes.reporter(_report)


def _report(error: BaseException, place: str) -> None:
    import sentry_sdk

    with sentry_sdk.new_scope() as scope:
        scope.set_transaction_name(place)
        scope.set_tag("place", place)
        scope.set_tag("request_id", logs.request_id.get())
        scope.capture_exception(error)


def _without_data(event: Any, hint: Any) -> Any:
    """The types of the errors and where they were raised, without their texts."""
    event = {name: value for name, value in event.items() if name in _KEPT}
    for error in event.get("exception", {}).get("values", ()):
        error["value"] = ""
    return event


def trace_requests(app: WSGIApplication, exporter: Any = None) -> "Tracing":
    """A span for each request, sent to the endpoint of the `OTEL_*` variables."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.version": __version__})
    if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": SERVICE}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    return Tracing(app, provider)


class Tracing:
    """WSGI: a span for each request, by OpenTelemetry's semantic conventions for HTTP servers."""

    def __init__(self, app: WSGIApplication, provider: Any) -> None:
        from opentelemetry import propagate, trace

        # Not above: server.py imports this module before it says where the metrics are kept.
        from .core.metrics import METHODS

        self._app = app
        self._methods = METHODS
        self.provider = provider
        self._tracer = provider.get_tracer(SERVICE, __version__)
        self._trace, self._propagate = trace, propagate

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(UNTRACED):
            return self._app(environ, start_response)
        method = environ["REQUEST_METHOD"]
        method = method if method in self._methods else "_OTHER"
        carrier = {"traceparent": environ.get("HTTP_TRACEPARENT", "")}
        span = self._tracer.start_span(
            method,
            context=self._propagate.extract(carrier),
            kind=self._trace.SpanKind.SERVER,
            attributes={
                "http.request.method": method,
                "url.scheme": environ.get("wsgi.url_scheme", "http"),
            },
        )

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            self._describe(span, method, environ, int(status[:3]), dict(headers))
            return start_response(status, headers, exc_info)

        try:
            with self._trace.use_span(span, record_exception=False):
                return Traced(self._app(environ, start), span)
        except BaseException:
            span.end()
            raise

    def _describe(
        self, span: Any, method: str, environ: WSGIEnvironment, status: int, headers: Any
    ) -> None:
        rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
        if route := rule.rule if rule else environ.get("halolight.route"):
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
        span.set_attribute("http.response.status_code", status)
        span.set_attribute("halolight.request_id", headers.get("X-Request-ID", ""))
        if status >= 500:
            span.set_attribute("error.type", str(status))
            span.set_status(self._trace.StatusCode.ERROR)


class Traced:
    """The body of a response, whose span ends when it has been sent."""

    def __init__(self, body: Iterable[bytes], span: Any) -> None:
        self._body, self._span = body, span

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            if close := getattr(self._body, "close", None):
                close()
        finally:
            self._span.end()


def flush(app: Any) -> None:
    """Send what is still in memory, when a worker stops."""
    import sys

    if sentry := sys.modules.get("sentry_sdk"):
        sentry.flush(FLUSH_SECONDS)
    if isinstance(tracing := app.extensions.get("tracing"), Tracing):
        tracing.provider.force_flush(1000 * FLUSH_SECONDS)
