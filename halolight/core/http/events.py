"""Answers that are a stream of server-sent events (WHATWG HTML, 9.2)."""

from collections.abc import Iterable

import marshmallow as ma
from flask import Response

from .api import Blueprint, Decorator
from .middleware import EVENT_STREAM

# For nginx, which would gather what it passes on, and for proxies that would compress it.
UNBUFFERED = {"X-Accel-Buffering": "no", "Cache-Control": "no-store, no-transform"}


def sends_events(blp: Blueprint, events: Iterable[type[ma.Schema]]) -> Decorator:
    """Document the success answer: as OpenAPI 3.2 does, as an array of its events."""
    schema = {"type": "array", "items": {"oneOf": list(events)}}
    return blp.response(200, schema, content_type=EVENT_STREAM)


def event_stream(body: Iterable[bytes]) -> Response:
    """`text/event-stream` is always in UTF-8, and has no parameter that says so."""
    return Response(body, content_type=EVENT_STREAM, headers=UNBUFFERED)
