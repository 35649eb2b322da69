"""Every failure the API answers with."""

from http import HTTPStatus

from .i18n import Message, _, duration

Details = list[dict[str, str]]

# The statuses of all failures, and their codes. Named here, because Python renames its own.
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

# The codes in `error.details`, and what each means. Clients rely on them: none is ever renamed.
DETAIL_CODES = {
    "required": "The field is missing.",
    "null": "The field is null.",
    "empty": "The text or the list is empty, or has no visible character.",
    "too_short": "The text has too few characters.",
    "too_long": "The text has too many characters.",
    "too_many": "The list has too many entries.",
    "too_small": "The number is below the minimum.",
    "too_large": "The number is above the maximum.",
    "invalid": "Any other reason; see the message.",
    "invalid_type": "Another JSON type is required, such as a string or a list.",
    "invalid_choice": "Not one of the values that the field accepts.",
    "invalid_format": "The text does not have the required format.",
    "invalid_characters": "The text has characters that the field does not accept.",
    "invalid_email": "Not an email address.",
    "invalid_url": "Neither an http(s) URL nor a path.",
    "invalid_time": "Not a date or a time, or in conflict with another field.",
    "too_common": "The password is among the most common ones.",
    "wrong_password": "Not the current password.",
    "taken": "The name or address is already in use.",
    "not_found": "The object does not exist, or the caller may not see it.",
    "expired": "The link has been used or has expired.",
}

RETRY_SECONDS = 2  # what a client waits when the database is away


def detail(field: str, message: str) -> dict[str, str]:
    """An entry of `error.details`."""
    return {"field": field, "message": message, "code": getattr(message, "code", "invalid")}


class ApiError(Exception):
    """Raise a subclass anywhere: the client gets its status, code, message and details."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    message = _("Something went wrong. Please try again later.")
    own_code = ""  # where that of the status does not say enough
    reason = "other"  # for the metrics: one of a few words, all of them in the code

    def __init__(
        self, message: Message | None = None, *, field: str | None = None, reason: str | None = None
    ) -> None:
        self.message = message or self.message
        super().__init__(self.message)
        self.reason = reason or self.reason
        self.details: Details = [detail(field, self.message)] if field else []
        self.headers: dict[str, str] = {}

    @property
    def code(self) -> str:
        return self.own_code or CODES[self.status]


class Invalid(ApiError):
    status, message = HTTPStatus.BAD_REQUEST, _("Please check your input.")


class Unauthorized(ApiError):
    status, message = HTTPStatus.UNAUTHORIZED, _("Please sign in.")
    reason = "token"

    def __init__(self, message: Message | None = None, *, reason: str | None = None) -> None:
        super().__init__(message, reason=reason)
        self.headers = {"WWW-Authenticate": "Bearer"}  # RFC 6750, section 3


class Forbidden(ApiError):
    status, message = HTTPStatus.FORBIDDEN, _("You do not have permission to do this.")


class NotFound(ApiError):
    status, message = HTTPStatus.NOT_FOUND, _("This does not exist.")


class Conflict(ApiError):
    status = HTTPStatus.CONFLICT
    message = _("Somebody else changed this at the same time. Reload it and try again.")


class IdempotencyKeyReused(Conflict):
    message = _("This Idempotency-Key has been used for another request. Use a new one.")
    own_code = "IDEMPOTENCY_KEY_REUSED"


class ResponseNotKept(Conflict):
    message = _("This request has already succeeded, but its response was too large to store.")
    own_code = "IDEMPOTENCY_RESPONSE_NOT_KEPT"


class PreconditionFailed(ApiError):
    status = HTTPStatus.PRECONDITION_FAILED
    message = _("This has changed since you opened it. Reload it and try again.")


class PayloadTooLarge(ApiError):
    status, message = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("The request is too large.")


class UnsupportedMediaType(ApiError):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    message = _("The content type of the request is not supported.")


class RangeNotSatisfiable(ApiError):
    """The part that is asked for lies beyond the end; the answer says where that is."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    message = _("The requested range is outside the file.")

    def __init__(self, size: int) -> None:
        super().__init__()
        self.headers = {"Content-Range": f"bytes */{size}"}


class TooManyRequests(ApiError):
    """Too many calls; `retry_after` is in seconds.

    `message` says what there were too many of, and `{time}` in it when to try again.
    """

    status = HTTPStatus.TOO_MANY_REQUESTS
    message = _("Too many requests. Try again in {time}.")

    def __init__(self, retry_after: float, message: Message | None = None, *, reason: str) -> None:
        seconds = max(1, round(retry_after + 0.5))
        super().__init__((message or self.message).format(time=duration(seconds)), reason=reason)
        self.headers = {"Retry-After": str(seconds)}


class ServiceUnavailable(ApiError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = _("The service is unavailable at the moment. Please try again shortly.")

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(RETRY_SECONDS)}
