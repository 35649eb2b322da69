"""Log lines as text or JSON, each with the id of the request it belongs to."""

import logging
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TextIO

import orjson

from .clock import isoformat, utcnow

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def text_line(level: str, logger: str, message: str, fields: Mapping[str, Any]) -> str:
    """One readable line; what is known of a request follows its message as `key=value`."""
    more = "".join(f" {key}={value}" for key, value in fields.items())
    return f"{isoformat(utcnow())} {level:7} {request_id.get()} {logger}: {message}{more}"


def json_line(level: str, logger: str, message: str, fields: Mapping[str, Any]) -> str:
    """One JSON object."""
    entry = {
        "time": utcnow(),
        "level": level,
        "logger": logger,
        "message": message,
        "requestId": request_id.get(),
        **fields,
    }
    return orjson.dumps(entry, default=str, option=orjson.OPT_UTC_Z).decode()


LINES = {"text": text_line, "json": json_line}


class Formatter(logging.Formatter):
    def __init__(self, style: str) -> None:
        super().__init__()
        self._line = LINES[style]
        self._as_field = style == "json"

    def format(self, record: logging.LogRecord) -> str:
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        fields = {"exception": trace} if trace and self._as_field else {}
        line = self._line(record.levelname, record.name, record.getMessage(), fields)
        return f"{line}\n{trace}" if trace and not self._as_field else line


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is now, not to what it was when the handler was made."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def handler(style: str) -> logging.Handler:
    """What writes records to standard error in this style."""
    made = StandardError()
    made.setFormatter(Formatter(style))
    return made


def configure(level: str, style: str) -> None:
    """Send the application's log to standard error, in this style, from this level on."""
    logger = logging.getLogger("halolight")
    logger.handlers = [handler(style)]
    logger.setLevel(level)


def access_log(level: str, style: str) -> Callable[[Mapping[str, Any]], None] | None:
    """What writes the line of one request; None where the level asks for none.

    Past the logging module, which looks for handlers and callers anew for each line.
    """
    if level not in {"DEBUG", "INFO"}:
        return None
    line = LINES[style]

    def write(fields: Mapping[str, Any]) -> None:
        sys.stderr.write(line("INFO", "halolight.access", "request", fields) + "\n")

    return write
