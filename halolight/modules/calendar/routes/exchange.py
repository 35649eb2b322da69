"""The calendar for other programs: feed, export, import (iCalendar, RFC 5545)."""

from typing import Any

from flask import Response, request

from halolight.core.access import current_user
from halolight.core.errors import UnsupportedMediaType
from halolight.core.http import bodies
from halolight.core.http.etags import is_unchanged
from halolight.core.i18n import _
from halolight.core.storage.downloads import CACHE_CONTROL, disposition

from ..ics import exporting, feeds, importing
from ..inputs import CalendarFileInput
from ..keys import EventKey
from ..query_inputs import ImportQuery
from ..schemas import FeedSchema, ImportedSchema
from . import blp

CALENDAR = "text/calendar"


def _send(content: bytes, name: str) -> Response:
    response = Response(content, content_type=f"{CALENDAR}; charset=utf-8")
    response.headers["Content-Disposition"] = disposition(name, inline=False)
    return response


@blp.get("/feed")
@blp.require("calendar:view")
@blp.response(200, FeedSchema)
def get_calendar_feed() -> dict[str, Any]:
    """Get your feed

    Shows whether you have one. Its URL is returned only when it is created.
    """
    return feeds.get_feed(current_user())


@blp.post("/feed")
@blp.require("calendar:view")
@blp.ignores_idempotency_key
@blp.response(201, FeedSchema, message=_("Feed created"))
def create_calendar_feed() -> dict[str, Any]:
    """Create a feed of your calendar

    Other calendars can subscribe to its secret URL without signing in. The URL is returned only
    once, in this response. The URL of an earlier feed becomes invalid.
    """
    return feeds.make_feed(current_user())


@blp.delete("/feed")
@blp.require("calendar:view")
@blp.response(200, message=_("Feed deleted"))
@blp.fails(404)
def delete_calendar_feed() -> None:
    """Delete the feed of your calendar

    Its URL becomes invalid.
    """
    feeds.end_feed(current_user())


@blp.get("/feed/<secret:feed_token>.ics")
@blp.public
@blp.sends_text(CALENDAR, conditional=True)
@blp.fails(404)
def read_calendar_feed(feed_token: str) -> Response:
    """Read a feed

    The events of its owner, those they attend and those of their teams, beginning a year ago.
    Returns 404 after the feed was deleted, and while the account of its owner is not active.
    """
    holder, rows = feeds.open_feed(feed_token)
    etag = feeds.etag_of(rows)
    if is_unchanged(etag):
        response = Response(status=304)
    else:
        response = _send(feeds.written(holder, rows), "calendar.ics")
    response.set_etag(etag)
    response.last_modified = max((row.updated_at for row in rows), default=None)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


@blp.get("/export")
@blp.require("calendar:view")
@blp.sends_text(CALENDAR)
def export_calendar() -> Response:
    """Export your calendar

    Your events, those you attend and those of your teams, as iCalendar (RFC 5545), without
    attendees.
    """
    return _send(exporting.export_calendar(current_user()), "calendar.ics")


@blp.get("/events/<event:event_id>/export")
@blp.require("calendar:view")
@blp.sends_text(CALENDAR)
@blp.fails(404)
def export_event(event_id: EventKey) -> Response:
    """Export an event

    As iCalendar (RFC 5545). The id of an occurrence exports its whole series.
    """
    return _send(exporting.export_event(current_user(), event_id), f"event-{event_id.id}.ics")


@blp.post("/import")
@blp.require("calendar:create")
@blp.arguments(ImportQuery, location="query")
@blp.takes_text(CALENDAR, CalendarFileInput)
@blp.response(200, ImportedSchema, message=_("Calendar imported"))
@blp.fails(409)
def import_calendar(query: dict[str, Any]) -> dict[str, int]:
    """Import a calendar

    An iCalendar file (RFC 5545), as the body or as the `file` of a form, with at most 500 events.
    They become yours, all of them or none, and nobody is invited. If you already have an event
    with the same UID, it is updated, so importing a file twice changes nothing.
    """
    return importing.import_calendar(current_user(), _sent(), query["tz"])


def _sent() -> bytes:
    """The calendar in the request, as the body or in a form."""
    content = bodies.whole(request)
    if request.mimetype == CALENDAR:
        return content
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType(_("Send {type}, or a form with a file.", type=CALENDAR))
    return bodies.only_file(request, content)
