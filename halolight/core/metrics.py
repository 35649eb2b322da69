"""Prometheus metrics, summed over the workers of one server."""

import dataclasses as dc
import os
import time
from functools import lru_cache
from hmac import compare_digest
from typing import Any

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

from .errors import Unauthorized

UNMATCHED = "unmatched"  # one label for every address without a route: nobody can add series

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "route", "status"])
DURATION = Histogram(
    "http_request_duration_seconds",
    "Time from the request's arrival to the last byte of its answer",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
# When the service began, for all its workers (see server.py).
BEGAN = float(os.environ.get("HALOLIGHT_BEGAN", time.time()))
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
    samples = [sample for family in _registry().collect() for sample in family.samples]
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
    token = current_app.config["METRICS_TOKEN"]
    sent = request.headers.get("Authorization", "")
    if token and not compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise Unauthorized
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> Any:
    """All workers' numbers when there are several processes, else this one's."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def init_app(app: Flask) -> None:
    app.add_url_rule("/metrics", "metrics", show_metrics)
