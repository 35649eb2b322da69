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
from halolight.core.errors import (
    CODES,
    ApiError,
    Conflict,
    Details,
    Invalid,
    PayloadTooLarge,
    ServiceUnavailable,
    UnsupportedMediaType,
    detail,
)
from halolight.core.i18n import Listed, _

from .envelope import failure

log = logging.getLogger(__name__)

MAX_DETAILS = 100  # of one answer
MAX_NAMED = 5  # fields in the headline


def answer(error: ApiError) -> ResponseReturnValue:
    metric_families.refused(error)
    return failure(error.code, error.message, error.details), error.status, error.headers


def on_http_exception(error: HTTPException) -> ResponseReturnValue:
    """404s and 405s of the routing, and webargs' refusals, which carry `messages`."""
    if messages := (getattr(error, "data", None) or {}).get("messages"):
        details = list(islice(validation_details(messages), MAX_DETAILS))
        return failure(CODES[400], headline(details), details), HTTPStatus.BAD_REQUEST
    status = _nearest(error.code or 500)
    headers = [(k, v) for k, v in error.get_headers() if k in {"Allow", "Retry-After"}]
    message = _MESSAGES.get(status, _MESSAGES[500 if status >= 500 else 400])
    return failure(CODES[status], message, []), status, headers


# What werkzeug says is either wordy or, for a 500, none of the client's business.
_MESSAGES = {
    400: _("The request cannot be read."),
    404: _("This URL does not exist."),
    405: _("This URL does not support this method."),
    413: PayloadTooLarge.message,
    415: UnsupportedMediaType.message,
    503: ServiceUnavailable.message,
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
    return answer(Invalid(_("One of the values is out of range.")))


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


def headline(details: Details) -> str:
    """What is wrong in one sentence: which fields to look at, or what is wrong with the whole."""
    fields = list(dict.fromkeys(each["field"] for each in details if each["field"]))
    if not fields:
        return details[0]["message"] if details else Invalid.message
    if len(fields) > MAX_NAMED:
        named = Listed(fields[:MAX_NAMED])
        return _("Please check these fields: {fields}, …", fields=named)
    if len(fields) > 1:
        return _("Please check these fields: {fields}.", fields=Listed(fields))
    return _("Please check the field {field}.", field=fields[0])


def validation_details(messages: dict[str, Any]) -> Iterator[dict[str, str]]:
    """{"json": {"tags": {0: ["Too long."]}}} -> {"field": "tags.0", "message": "Too long.", ...}"""
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
        yield detail(".".join(path), messages)


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
