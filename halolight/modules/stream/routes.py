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

    What happens to you, as server-sent events (`text/event-stream`), each with one line of JSON as
    its `data`. Send the id of the last event as `Last-Event-ID` to get what you missed, for up to a
    day. You get the kinds of events that your permissions let you read. A user has at most 5
    streams in each worker. Swagger UI shows an answer only when it ends: try this with curl.
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

    For browsers' `EventSource`, which cannot send a token: open `/api/stream?ticket=...` with it.
    It works once, within 30 seconds.
    """
    return service.create_ticket(current_user())
