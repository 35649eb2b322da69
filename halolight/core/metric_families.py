"""All metrics except those of requests, and the gauges that each worker sets regularly.

Every label has few values, all of which are in the code: nobody outside can add a series. Nothing
here is on the way of a read, and no scrape asks the database.
"""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
from prometheus_client import Counter, Gauge
from sqlalchemy.orm import Session

from .errors import ApiError

P = ParamSpec("P")
T = TypeVar("T")

SLOW_CONNECT = 0.005  # seconds; a free connection of the pool takes microseconds
PAGE = resource.getpagesize()  # bytes

CONNECTIONS = Gauge(
    "database_connections",
    "Connections of the workers to the database, by whether a request uses them",
    ["state"],
    multiprocess_mode="livesum",
)
CONNECTIONS_LIMIT = Gauge(
    "database_connections_limit",
    "Connections that the workers may open: DB_POOL_SIZE + DB_MAX_OVERFLOW each",
    multiprocess_mode="livesum",
)
CONNECTION_WAITS = Counter(
    "database_connection_waits_total",
    "Times that a connection was not there at once, because all were in use or it had to be opened",
)
CONNECTION_WAIT_SECONDS = Counter(
    "database_connection_wait_seconds_total", "How long those waits took"
)
UNAVAILABLE = Counter(
    "service_unavailable_total", "Requests refused with 503, by what was away", ["what"]
)
LOGINS = Counter("logins_total", "Attempts to sign in with a password", ["outcome"])
REFUSALS = Counter("refusals_total", "Requests refused, by why", ["status", "reason"])
MAILS = Counter("mails_total", "Attempts to send a queued mail", ["template", "outcome"])
MAIL_QUEUE = Gauge(
    "mail_queue_length",
    "Queued mails, up to 10,000: those that wait, and those that were given up",
    ["state"],
    multiprocess_mode="mostrecent",
)
MAIL_QUEUE_AGE = Gauge(
    "mail_queue_oldest_seconds",
    "Age of the oldest mail that waits",
    multiprocess_mode="mostrecent",
)
BACKGROUND_RUNS = Counter("background_runs_total", "Runs of background tasks", ["task", "outcome"])
BACKGROUND_SECONDS = Counter("background_seconds_total", "How long those runs took", ["task"])
STORAGE_OPERATIONS = Counter(
    "storage_operations_total", "Operations of the storage for files", ["operation", "outcome"]
)
STORAGE_SECONDS = Counter("storage_seconds_total", "How long those operations took", ["operation"])
NOTIFICATIONS = Counter("notifications_total", "Notifications sent, one per recipient", ["type"])
WORKERS = Gauge("workers", "Worker processes", multiprocess_mode="livesum")
WORKER_MEMORY = Gauge(
    "worker_memory_bytes", "Resident memory of all workers", multiprocess_mode="livesum"
)
EVENT_LOOP_DELAY = Gauge(
    "event_loop_delay_seconds",
    "How late a worker that is busy comes to what is due, the latest of all workers",
    multiprocess_mode="livemax",
)

# A series has to begin at 0: otherwise its first increase is not visible.
for _outcome in ("succeeded", "wrong", "unconfirmed", "throttled", "failed"):
    LOGINS.labels(_outcome)
for _what in ("database", "redis"):
    UNAVAILABLE.labels(_what)
for _operation in ("create", "write", "complete", "open", "size", "delete", "list", "discard"):
    STORAGE_OPERATIONS.labels(_operation, "failed")

_LOGIN_OUTCOMES = {401: "wrong", 403: "unconfirmed", 429: "throttled"}
REFUSED = frozenset({401, 403, 429})  # the statuses of REFUSALS


def refused(error: ApiError) -> None:
    """Count a request that is refused because of its user or its frequency."""
    if error.status in REFUSED:
        REFUSALS.labels(int(error.status), error.reason).inc()


def counting_logins(function: Callable[P, T]) -> Callable[P, T]:
    """Have each call counted as an attempt to sign in, by its outcome."""

    @wraps(function)
    def counted(*args: P.args, **kwargs: P.kwargs) -> T:
        outcome = "failed"
        try:
            result = function(*args, **kwargs)
            outcome = "succeeded"
            return result
        except ApiError as error:
            outcome = _LOGIN_OUTCOMES.get(error.status, outcome)
            raise
        finally:
            LOGINS.labels(outcome).inc()

    return counted


@contextmanager
def background_run(task: str) -> Iterator[None]:
    began, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "succeeded"
    finally:
        BACKGROUND_RUNS.labels(task, outcome).inc()
        BACKGROUND_SECONDS.labels(task).inc(time.perf_counter() - began)


@contextmanager
def storage_operation(operation: str) -> Iterator[None]:
    """Count an operation. What is not there is no failure of the storage."""
    began, outcome = time.perf_counter(), "succeeded"
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception:
        outcome = "failed"
        raise
    finally:
        count, seconds = _of_storage(operation, outcome)
        count.inc()
        seconds.inc(time.perf_counter() - began)


@cache
def _of_storage(operation: str, outcome: str) -> tuple[Any, Any]:
    """An upload writes often, and looking a labelled metric up costs more than counting with it."""
    return STORAGE_OPERATIONS.labels(operation, outcome), STORAGE_SECONDS.labels(operation)


def count_notifications(session: Session, kind: str, number: int) -> None:
    """Count them when the transaction that is under way has been committed."""
    sent = session.info.setdefault("notifications", {})
    sent[kind] = sent.get(kind, 0) + number


@sa.event.listens_for(Session, "after_commit")
def _count_committed(session: Session) -> None:
    if not session.in_nested_transaction():
        for kind, number in session.info.pop("notifications", {}).items():
            NOTIFICATIONS.labels(kind).inc(number)


@sa.event.listens_for(Session, "after_rollback")
def _forget_rolled_back(session: Session) -> None:
    session.info.pop("notifications", None)


def count_wait(seconds: float) -> None:
    """Count a wait for a connection to the database, unless it was there at once."""
    if seconds > SLOW_CONNECT:
        CONNECTION_WAITS.inc()
        CONNECTION_WAIT_SECONDS.inc(seconds)


def measure_worker(connections: tuple[int, int, int], delay: float = 0.0) -> None:
    """Set the gauges of this process: its connections, used, free and at most, among them.

    `delay` is that of its event loop, in seconds.
    """
    used, free, limit = connections
    CONNECTIONS.labels("used").set(used)
    CONNECTIONS.labels("free").set(free)
    CONNECTIONS_LIMIT.set(limit)
    WORKERS.set(1)
    WORKER_MEMORY.set(resident_memory())
    EVENT_LOOP_DELAY.set(delay)


def resident_memory() -> int:
    """The memory of this process in bytes; where /proc is not there, the most it ever had."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
