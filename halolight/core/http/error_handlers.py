"""The handlers that write every failure in the envelope."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any

import limits.errors
import sqlalchemy.exc
from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from halolight.core import crashes, metric_families, metrics
from halolight.core.errors import CODES, ApiError, Conflict, Invalid, ServiceUnavailable

from .envelope import failure

log = logging.getLogger(__name__)

MAX_DETAILS = 100  # of one answer


def answer(error: ApiError) -> ResponseReturnValue:
    metric_families.refused(error)
    return failure(CODES[error.status], str(error), error.details), error.status, error.headers


def on_http_exception(error: HTTPException) -> ResponseReturnValue:
    """404s and 405s of the routing, and webargs' refusals, which carry `messages`."""
    if messages := (getattr(error, "data", None) or {}).get("messages"):
        details = list(islice(validation_details(messages), MAX_DETAILS))
        return failure(CODES[400], Invalid.message, details), HTTPStatus.BAD_REQUEST
    status = _nearest(error.code or 500)
    headers = [(k, v) for k, v in error.get_headers() if k in {"Allow", "Retry-After"}]
    return failure(CODES[status], _MESSAGES.get(status, error.name), []), status, headers


# What werkzeug says is either wordy or, for a 500, none of the client's business.
_MESSAGES = {
    400: "The request cannot be read",
    404: "There is nothing at this address",
    405: "This address does not support the method",
    413: "The request body is too large",
    500: ApiError.message,
}


def _nearest(status: int) -> int:
    """No other status is ever answered."""
    return status if status in CODES else 500 if status >= 500 else 400


def on_integrity_error(error: sqlalchemy.exc.IntegrityError) -> ResponseReturnValue:
    log.info("integrity error: %s", type(error.orig).__name__)
    return answer(Conflict())


def on_data_error(error: Exception) -> ResponseReturnValue:
    """A value that the database cannot hold and no schema caught."""
    log.warning("value refused by the database: %s", error)
    return answer(Invalid("A value is out of range"))


def on_database_away(error: Exception) -> ResponseReturnValue:
    redis = isinstance(error, limits.errors.StorageError)
    away = "redis" if redis else "database"
    metric_families.UNAVAILABLE.labels(away).inc()
    log.error("%s unavailable: %s", away, error)
    return answer(ServiceUnavailable())


def on_crash(error: Exception) -> ResponseReturnValue:
    log.exception("unhandled error")
    crashes.report(error, request.url_rule.rule if request.url_rule else metrics.UNMATCHED)
    return answer(ApiError())


def validation_details(messages: dict[str, Any]) -> Iterator[dict[str, str]]:
    """{"json": {"tags": {0: ["Too long."]}}} -> {"field": "tags.0", "message": "Too long."}"""
    for in_location in messages.values():
        yield from _flatten(in_location, ())


def _flatten(messages: Any, path: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if isinstance(messages, dict):
        for key, value in messages.items():
            yield from _flatten(value, path if key == "_schema" else (*path, str(key)))
    elif isinstance(messages, list):
        for message in messages:
            yield from _flatten(message, path)
    else:
        yield {"field": ".".join(path), "message": str(messages)}


def init_app(app: Flask) -> None:
    app.register_error_handler(ApiError, answer)
    app.register_error_handler(HTTPException, on_http_exception)
    app.register_error_handler(sqlalchemy.exc.IntegrityError, on_integrity_error)
    app.register_error_handler(sqlalchemy.exc.DataError, on_data_error)
    app.register_error_handler(OverflowError, on_data_error)
    app.register_error_handler(sqlalchemy.exc.OperationalError, on_database_away)
    app.register_error_handler(sqlalchemy.exc.InterfaceError, on_database_away)
    app.register_error_handler(sqlalchemy.exc.TimeoutError, on_database_away)
    app.register_error_handler(limits.errors.StorageError, on_database_away)
    app.register_error_handler(Exception, on_crash)
