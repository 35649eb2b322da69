"""Parsers for settings. Each returns the value, or raises ValueError with what is wrong."""

import importlib.util
import json
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import limits
import marshmallow as ma
import sqlalchemy as sa

from .core import mail_address
from .core.i18n import LANGUAGES
from .core.passwords import PASSWORD_RULES
from .core.storage import location

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MAX_DURATION = 3650 * SECONDS["d"]
BYTES = {"": 1, "b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3}
ORIGIN = re.compile(r"https?://[^/\s?#*,\"']+")

# Secrets that documentation and examples have made public. Compared in lower case.
WELL_KNOWN_SECRETS = ("secret", "changeme", "change-me", "your-", "example", "12345678", "password")
MIN_SECRET_BYTES = 32  # RFC 7518, 3.2: an HS256 key is at least as long as the hash

# The fastest cooperative driver under gevent (docs/decisions.md, "Database").
POSTGRESQL_DRIVER = "postgresql+psycopg2"
POSTGRESQL_NAMES = ("postgres", "postgresql", "postgresql+psycopg2")


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        for choice in choices:
            if text.casefold() == choice.casefold():
                return choice
        raise ValueError(f"{text!r} is not one of {', '.join(choices)}")

    return parse


language = one_of(*LANGUAGES)


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text[:20]) <= high:
            raise ValueError(f"{text[:40]!r} is not a whole number from {low} to {high}")
        return int(text)

    return parse


def boolean(text: str) -> bool:
    if text.lower() in {"true", "1", "yes", "on"}:
        return True
    if text.lower() in {"false", "0", "no", "off"}:
        return False
    raise ValueError(f"{text!r} is neither true nor false")


def boolean_or_auto(text: str) -> bool | None:
    """As `boolean`, or `auto`, which is None."""
    if text.lower() == "auto":
        return None
    try:
        return boolean(text)
    except ValueError:
        raise ValueError(f"{text!r} is none of auto, true and false") from None


def duration(text: str) -> timedelta:
    """`15m` -> 15 minutes."""
    match = re.fullmatch(r"([0-9]{1,9})([smhd])", text.lower())
    seconds = int(match[1]) * SECONDS[match[2]] if match else 0
    if not 0 < seconds <= MAX_DURATION:
        raise ValueError(f"{text!r} is not a duration like 30s, 15m, 12h or 7d of at most 10 years")
    return timedelta(seconds=seconds)


def size(text: str) -> int:
    """`100MB` -> bytes, in units of 1024."""
    match = re.fullmatch(r"([0-9]{1,15})\s*(b|kb|mb|gb)?", text.lower())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is not a size like 1048576, 512KB, 100MB or 10GB")
    return int(match[1]) * BYTES[match[2] or ""]


def database_url(text: str) -> str:
    """A SQLAlchemy URL whose PostgreSQL driver is the one we install."""
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("is not a database URL") from None
    if url.drivername == "sqlite":
        if url.database in {None, "", ":memory:"}:
            raise ValueError("is in memory, where each process would have another; name a file")
        return text
    if url.drivername in POSTGRESQL_NAMES:
        return url.set(drivername=POSTGRESQL_DRIVER).render_as_string(hide_password=False)
    raise ValueError(f"{url.drivername!r} is not supported; use sqlite or postgresql")


def origins(text: str) -> tuple[str, ...]:
    """`["http://a", "http://b"]` or `http://a, http://b`."""
    values = _json_list(text) if text.startswith("[") else text.split(",")
    values = [value for value in map(str.strip, values) if value]
    for value in values:
        if value != "*" and not ORIGIN.fullmatch(value):
            raise ValueError(f"{value!r} is not an origin (scheme, host and port, no path)")
    return tuple(values)


def _json_list(text: str) -> list[str]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("is neither a JSON list of strings nor a list with commas")
    return values


def email(text: str) -> str:
    try:
        return mail_address.canonical(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a mail address") from None


def password(text: str) -> str:
    """A password that the API accepts. The error does not show it."""
    try:
        ma.validate.And(*PASSWORD_RULES)(text)
    except ma.ValidationError as error:
        [fault, *_] = map(str, error.messages)
        raise ValueError(f"is refused: {fault}") from None
    return text


def secret_fault(secret: str) -> str | None:
    """What is wrong with a key that signs tokens in production, or None."""
    if not secret:
        return "is required in production"
    if len(secret.encode()) < MIN_SECRET_BYTES:
        return f"is {len(secret.encode())} bytes long; HS256 needs at least {MIN_SECRET_BYTES}"
    if any(known in secret.lower() for known in WELL_KNOWN_SECRETS) or len(set(secret)) < 10:
        return "is well-known or guessable; use a random value"
    return None


def http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{text!r} is not an http:// or https:// URL")
    return _with_valid_port(text).rstrip("/")


def mail_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("is not an smtp:// or smtps:// URL with a host")
    return _with_valid_port(text)


def redis_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError("is not a redis:// or rediss:// URL with a host")
    return _with_valid_port(text)


def storage_url(text: str) -> str:
    return location.checked(text)


def rate_limit(text: str) -> str:
    try:
        [limit] = limits.parse_many(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a single limit like 100/minute") from None
    if limit.amount < 1:
        raise ValueError(f"{text!r} would refuse every request")
    return text


def limit_or_off(text: str) -> str:
    """As `rate_limit`, or `off`."""
    return "off" if text.lower() == "off" else rate_limit(text)


def _with_valid_port(text: str) -> str:
    try:
        _ = urlsplit(text).port
    except ValueError:
        raise ValueError("has a port that is not a number from 0 to 65535") from None
    return text


def sentry_dsn(text: str) -> str:
    """An address of the form `https://key@host/project`; the package for it has to be there."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not (parts.username and parts.hostname):
        raise ValueError("is not of the form https://key@host/project")
    if not parts.path.rpartition("/")[2].isdigit():
        raise ValueError("does not end with the number of a project")
    if importlib.util.find_spec("sentry_sdk") is None:
        raise ValueError("needs sentry-sdk: pip install -r requirements-tracing.txt")
    return text
