"""Prometheus metrics, summed over the workers of one server."""

import dataclasses as dc
import os
import time
from collections.abc import Callable
from functools import lru_cache
from hmac import compare_digest
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

from halolight.core.i18n import _

from . import metric_files
from .client_info import is_this_machine
from .errors import Forbidden, Unauthorized
from .metric_families import measure_worker

T = TypeVar("T")

UNMATCHED = (
    "unmatched"  # one label for all paths without a route, so that clients cannot add series
)

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "route", "status"])
DURATION = Histogram(
    "http_request_duration_seconds",
    "Time from the request's arrival to the last byte of its answer",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
# When the service began, for all its workers (see server.py).
BEGAN = float(os.environ.get("HALOLIGHT_BEGAN", time.time()))
BETWEEN_GAUGES = 5.0  # seconds
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(method: str, route: str | None, status: str, seconds: float) -> None:
    """Count one request. `route` is the template of its address, `status` three digits."""
    known = method if method in METHODS else "OTHER"
    counter, histogram = _children(known, route or UNMATCHED, status)
    counter.inc()
    histogram.observe(seconds)


@lru_cache(maxsize=4096)
def _children(method: str, route: str, status: str) -> tuple[Any, Any]:
    """Looking a labelled metric up costs more than counting with it."""
    return REQUESTS.labels(method, route, status), DURATION.labels(method, route)


@dc.dataclass(frozen=True)
class Totals:
    """What the service has answered, all workers together; times are in seconds."""

    requests: int
    errors: int  # of the service, so of status 500 and above
    seconds: float
    uptime: float


def totals() -> Totals:
    families = _with_all_workers(lambda registry: list(registry.collect()))
    samples = [sample for family in families for sample in family.samples]
    answered = [sample for sample in samples if sample.name == "http_requests_total"]
    failed = [sample for sample in answered if sample.labels["status"] >= "500"]
    took = [s.value for s in samples if s.name == "http_request_duration_seconds_sum"]
    return Totals(
        requests=int(sum(sample.value for sample in answered)),
        errors=int(sum(sample.value for sample in failed)),
        seconds=sum(took),
        uptime=time.time() - BEGAN,
    )


def show_metrics() -> Response:
    _check_reader()
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # else each worker sets its own gauges
        measure_worker(current_app.extensions["sqlalchemy"].engine.pool.connections)
    return Response(_with_all_workers(generate_latest), content_type=CONTENT_TYPE_LATEST)


def _check_reader() -> None:
    """In production only who has the token may read them, or, without one, this machine."""
    token = current_app.config["METRICS_TOKEN"]
    sent = request.headers.get("Authorization", "")
    if token and not compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise Unauthorized
    production = current_app.config["NODE_ENV"] == "production"
    if not token and production and not is_this_machine(request.remote_addr):
        raise Forbidden(_("Set METRICS_TOKEN to read the metrics from another machine."))


def _with_all_workers(read: Callable[[Any], T]) -> T:
    """What is read of all workers' numbers when there are several processes, else of this one's."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return read(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    with metric_files.locked(folder):
        return read(registry)


def watch_worker(app: Flask) -> None:
    """Set the gauges of this worker every few seconds, in a greenlet of its own. Never returns."""
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    delay = 0.0
    while True:
        measure_worker(engine.pool.connections, delay)
        due = time.monotonic() + BETWEEN_GAUGES
        time.sleep(BETWEEN_GAUGES)
        delay = time.monotonic() - due


def init_app(app: Flask) -> None:
    app.add_url_rule("/metrics", "metrics", show_metrics)
