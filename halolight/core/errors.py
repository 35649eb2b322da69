"""Every failure the API answers with."""

from http import HTTPStatus

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
RETRY_SECONDS = 2  # what a client waits when the database is away


class ApiError(Exception):
    """Raise a subclass anywhere: the client gets its status, code, message and details."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    message = "Something went wrong"
    reason = "other"  # for the metrics: one of a few words, all of them in the code

    def __init__(
        self, message: str | None = None, *, field: str | None = None, reason: str | None = None
    ) -> None:
        super().__init__(message or self.message)
        if reason:
            self.reason = reason
        self.details: Details = [{"field": field, "message": str(self)}] if field else []
        self.headers: dict[str, str] = {}


class Invalid(ApiError):
    status, message = HTTPStatus.BAD_REQUEST, "Request parameter validation failed"


class Unauthorized(ApiError):
    status, message = HTTPStatus.UNAUTHORIZED, "Authentication required"
    reason = "token"

    def __init__(self, message: str | None = None, *, reason: str | None = None) -> None:
        super().__init__(message, reason=reason)
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

    def __init__(self, retry_after: float, *, reason: str) -> None:
        super().__init__(reason=reason)
        self.headers = {"Retry-After": str(max(1, round(retry_after + 0.5)))}


class ServiceUnavailable(ApiError):
    status, message = HTTPStatus.SERVICE_UNAVAILABLE, "Service temporarily unavailable"

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(RETRY_SECONDS)}
