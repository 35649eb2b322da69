"""What the service needs to work, tried for real."""

import datetime as dt
import logging
from collections.abc import Callable
from pathlib import Path

from flask import current_app

from halolight.core.http.ratelimit import shared_storage
from halolight.core.storage import stores
from halolight.core.storage.disk import check_disk
from halolight.extensions import db

from . import migrations
from .queries import ONE

log = logging.getLogger(__name__)


PROBE = b"\0" * 64 * 1024  # on a full disk an empty file could still be made


def check_database() -> None:
    db.value(ONE)
    if file := sqlite_file():
        check_disk(file.parent)


def sqlite_file() -> Path | None:
    """Where SQLite keeps the database; None for PostgreSQL, whose disk is its own affair."""
    url = db.engine.url
    on_disk = url.get_backend_name() == "sqlite"
    return Path(str(url.database)) if on_disk else None


def check_storage() -> None:
    stores.current().check()


def try_storage() -> None:
    """Do all that the API does with the storage: store, read, list and delete."""
    store = stores.current()
    incoming = store.receive()
    try:
        incoming.write(b"test")
        incoming.complete()
        with store.open(incoming.key) as reader:
            reader.read()
        next(store.stored(), None)
        store.discard_stale(dt.datetime.min.replace(tzinfo=dt.UTC))
        store.delete(incoming.key)
    finally:
        incoming.discard()


def check_redis() -> None:
    counts = shared_storage(current_app.config["REDIS_URL"])
    if counts is None or not counts.check():
        raise ConnectionError("Redis does not answer")


def checks() -> dict[str, Callable[[], str | None]]:
    """What each check is called. One that returns a word found a fault that has a name."""
    found: dict[str, Callable[[], str | None]] = {
        "database": check_database,
        "migrations": migrations.state,
        "storage": check_storage,
    }
    if current_app.config["REDIS_URL"]:
        found["redis"] = check_redis
    return found


def run_checks() -> dict[str, str]:
    """`ok` or `away` for each, for the migrations also `missing` or `newer`; the log says why."""
    results = {}
    for name, check in checks().items():
        try:
            results[name] = check() or "ok"
        except Exception as error:
            log.warning("%s is away: %s", name, error)
            results[name] = "away"
    return results
