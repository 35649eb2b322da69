"""Log lines as text or JSON, each with the id of the request it belongs to."""

import logging
import sys
from contextvars import ContextVar
from typing import TextIO

import orjson

from .clock import isoformat, utcnow

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class TextFormatter(logging.Formatter):
    """One readable line; what is known of a request follows its message as `key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {k}={v}" for k, v in getattr(record, "fields", {}).items())
        moment = isoformat(utcnow())
        line = (
            f"{moment} {record.levelname:7} {request_id.get()} {record.name}: "
            f"{record.getMessage()}{fields}"
        )
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": isoformat(utcnow()),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "requestId": request_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(entry, default=str).decode()


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is now, not to what it was when the handler was made."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


FORMATTERS: dict[str, type[logging.Formatter]] = {"text": TextFormatter, "json": JsonFormatter}


def configure(level: str, style: str) -> None:
    """Send the log of the whole process to standard error, in this style, from this level on."""
    handler = StandardError()
    handler.setFormatter(FORMATTERS[style]())
    logger = logging.getLogger("halolight")
    logger.handlers = [handler]
    logger.setLevel(level)
