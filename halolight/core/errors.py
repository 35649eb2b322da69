"""Every failure the API answers with, and the handlers that write it in the envelope."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any

import limits.errors
import sqlalchemy.exc
from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from .http.envelope import failure

log = logging.getLogger(__name__)

Details = list[dict[str, str]]

# The only failures there are. Named here, because Python renames its own.
CODES = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    412: "PRECONDITION_FAILED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    416: "RANGE_NOT_SATISFIABLE",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
MAX_DETAILS = 100  # of one answer
RETRY_SECONDS = 2  # what a client waits when the database is away


class ApiError(Exception):
    """Raise a subclass anywhere: the client gets its status, code, message and details."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    message = "Something went wrong"

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or self.message)
        self.details: Details = [{"field": field, "message": str(self)}] if field else []
        self.headers: dict[str, str] = {}


class Invalid(ApiError):
    status, message = HTTPStatus.BAD_REQUEST, "Request parameter validation failed"


class Unauthorized(ApiError):
    status, message = HTTPStatus.UNAUTHORIZED, "Authentication required"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message)
        self.headers = {"WWW-Authenticate": "Bearer"}  # RFC 6750, section 3


class Forbidden(ApiError):
    status, message = HTTPStatus.FORBIDDEN, "Permission denied"


class NotFound(ApiError):
    status, message = HTTPStatus.NOT_FOUND, "Resource not found"


class Conflict(ApiError):
    status, message = HTTPStatus.CONFLICT, "Resource conflict"


class PreconditionFailed(ApiError):
    status, message = HTTPStatus.PRECONDITION_FAILED, "The resource has changed since you read it"


class PayloadTooLarge(ApiError):
    status, message = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request body is too large"


class UnsupportedMediaType(ApiError):
    status, message = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"


class RangeNotSatisfiable(ApiError):
    """The part that is asked for lies beyond the end; the answer says where that is."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    message = "The file has no such part"

    def __init__(self, size: int) -> None:
        super().__init__()
        self.headers = {"Content-Range": f"bytes */{size}"}


class TooManyRequests(ApiError):
    """Too many calls; `retry_after` is in seconds."""

    status, message = HTTPStatus.TOO_MANY_REQUESTS, "Too many requests, try again later"

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(max(1, round(retry_after + 0.5)))}


class ServiceUnavailable(ApiError):
    status, message = HTTPStatus.SERVICE_UNAVAILABLE, "Service temporarily unavailable"

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(RETRY_SECONDS)}


def answer(error: ApiError) -> ResponseReturnValue:
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
    log.error("%s unavailable: %s", "Redis" if redis else "database", error)
    return answer(ServiceUnavailable())


def on_crash(error: Exception) -> ResponseReturnValue:
    log.exception("unhandled error")
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
