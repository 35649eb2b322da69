"""What the service needs to work, tried for real."""

import logging
import tempfile
from collections.abc import Callable

from flask import current_app

from halolight.core.http.ratelimit import shared_storage
from halolight.core.storage import disk
from halolight.extensions import db

from .queries import ONE

log = logging.getLogger(__name__)


def check_database() -> None:
    db.value(ONE)


def check_storage() -> None:
    folder = disk.folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def check_redis() -> None:
    counts = shared_storage(current_app.config["REDIS_URL"])
    if counts is None or not counts.check():
        raise ConnectionError("Redis does not answer")


def checks() -> dict[str, Callable[[], None]]:
    found = {"database": check_database, "storage": check_storage}
    if current_app.config["REDIS_URL"]:
        found["redis"] = check_redis
    return found


def run_checks() -> dict[str, str]:
    """`ok` or `away` for each; the cause of the latter is only logged."""
    results = {}
    for name, check in checks().items():
        try:
            check()
        except Exception as error:
            log.warning("%s is away: %s", name, error)
            results[name] = "away"
        else:
            results[name] = "ok"
    return results
