"""The stream of live events, and tickets to open it."""

from typing import Any

from flask import Response, request

from halolight.core.access import current_user, takes_ticket
from halolight.core.http import cors
from halolight.core.http.api import Blueprint
from halolight.core.http.events import EVENT_STREAM, event_stream
from halolight.core.i18n import _

from . import service
from .schemas import StreamEventsSchema, StreamQuery, TicketSchema

blp = Blueprint("stream", __name__, url_prefix="/api/stream", description="Live events")

takes_ticket("stream.open_stream")(service.use_ticket)


@blp.get("")
@blp.authenticated
@blp.arguments(StreamQuery, location="query")
@blp.response(200, StreamEventsSchema, content_type=EVENT_STREAM)
@blp.fails(403)
def open_stream(query: dict[str, Any]) -> Response:
    """Open a stream of events

    Your events, as server-sent events (`text/event-stream`), each with one line of JSON as its
    `data`. To receive the events that you missed during the last day, send the id of the last one
    as `Last-Event-ID`. You receive the kinds of events that your permissions allow. A user can have
    5 open streams per worker. Swagger UI shows a response only when it ends: try this with curl.
    """
    cors.check_origin()
    last_event_id = request.headers.get("Last-Event-ID") or query["last_event_id"]
    client = request.environ.get("gunicorn.socket")
    return event_stream(service.open_stream(current_user(), last_event_id, client))


@blp.post("/ticket")
@blp.authenticated
@blp.ignores_idempotency_key
@blp.response(200, TicketSchema, message=_("Ticket created"))
def create_stream_ticket() -> dict[str, Any]:
    """Create a ticket to open a stream

    For `EventSource` in browsers, which cannot send a token: use the ticket to open
    `/api/stream?ticket=...`. It works once, within 30 seconds.
    """
    return service.create_ticket(current_user())
