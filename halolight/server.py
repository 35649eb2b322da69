"""gunicorn's settings: `gunicorn -c python:halolight.server wsgi:app`.

gevent workers, one event loop each. Reading this module also checks all settings, so that a
wrong one ends the server before it binds its port.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()  # before anything else imports what it replaces

import psycopg2.extensions

from .core.db import connecting

psycopg2.extensions.set_wait_callback(connecting.wait)  # on the event loop

import atexit
import ctypes
import os
import resource
import shutil
import tempfile
import time
from typing import Any

from . import tracing
from .config import Config

settings = Config.from_env()
tracing.check(os.environ)

# Where the workers' metrics meet. The library looks for the variable when it is imported.
METRICS = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="halolight-metrics-")
os.environ["HALOLIGHT_BEGAN"] = str(time.time())
MASTER = os.getpid()

# A connection is an open file, and an upload another; many systems allow only 1024 by default.
MOST_FILES = 16_384
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if 0 <= soft < MOST_FILES:
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))

M_MMAP_THRESHOLD = -3  # mallopt(3)
LARGE_BLOCK = 1024**2  # bytes
GARBAGE = 10_000  # new objects after which a worker looks for those that only hold each other

worker_class = "halolight.worker.Worker"
workers = settings.workers
worker_connections = 2000  # of which 1000 may be streams of events
backlog = 4096  # connections that wait to be accepted, when very many come at once
bind = f"{'0.0.0.0' if settings.production else '127.0.0.1'}:{settings.PORT}"  # noqa: S104
keepalive = 75  # seconds; longer than a proxy keeps its idle connections
timeout = 60  # seconds without a heartbeat of the whole worker, not of one request
graceful_timeout = 25  # seconds for the requests under way at a stop
limit_request_line = 8190
sendfile = False  # what is sent passes the worker's time limits (see connections.py)
accesslog = None  # the application writes a line per request itself
loglevel = settings.LOG_LEVEL.lower()
logger_class = "halolight.worker.Logger"
# Only TRUSTED_PROXIES says which proxies to trust (see app.py); gunicorn trusts none.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
control_socket_disable = True  # it would need a writable home directory


@atexit.register
def remove_metrics() -> None:
    if os.getpid() == MASTER:
        shutil.rmtree(METRICS, ignore_errors=True)


def on_starting(server: Any) -> None:
    if not settings.production:
        return
    if settings.generates_secret:
        server.log.warning("JWT_SECRET is not set: the one generated in instance/ is used")
    if not settings.MAIL_URL:
        server.log.warning("MAIL_URL is not set: mail waits in the outbox until it is")
    if not settings.METRICS_TOKEN:
        server.log.warning("METRICS_TOKEN is not set: only this machine can read /metrics")


def give_back_large_blocks() -> None:
    """Have glibc return each large block to the system when it is freed.

    It would keep the 19 MB of a password hash from the second one on, for the next.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):  # other libraries keep none
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def post_worker_init(worker: Any) -> None:
    import gc

    import gevent

    from .core import metrics
    from .core.background import task
    from .extensions import db
    from .modules.health import migrations

    give_back_large_blocks()
    gevent.spawn(connecting.end_waits)
    db.open_pool(worker.wsgi)
    gevent.spawn(metrics.watch_worker, worker.wsgi)
    if worker.age == 1:  # the first worker warns for all of them
        migrations.warn(worker.wsgi)
    task.start_all(worker.wsgi)
    # What is loaded now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    # The requests under way hold thousands of objects: at 700 new ones, few of them are garbage.
    gc.set_threshold(GARBAGE)


def worker_exit(server: Any, worker: Any) -> None:
    """What the worker only holds in memory is written before it goes."""
    from .core.background import task

    if getattr(worker, "wsgi", None) is not None:
        task.finish_all(worker.wsgi)
        tracing.flush(worker.wsgi)


def child_exit(server: Any, worker: Any) -> None:
    """Keep the counts of a worker that has gone, and not its files."""
    from .core import metric_files

    metric_files.merge_ended(METRICS, worker.pid)
