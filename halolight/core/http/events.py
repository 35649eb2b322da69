"""Answers that are a stream of server-sent events (WHATWG HTML, 9.2)."""

from collections.abc import Iterable

from flask import Response

EVENT_STREAM = "text/event-stream"

# For nginx, which would gather what it passes on, and for proxies that would compress it.
UNBUFFERED = {"X-Accel-Buffering": "no", "Cache-Control": "no-store, no-transform"}


def event_stream(body: Iterable[bytes]) -> Response:
    """`text/event-stream` is always in UTF-8, and has no parameter that says so."""
    return Response(body, content_type=EVENT_STREAM, headers=UNBUFFERED)
