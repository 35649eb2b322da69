"""The blueprint of the calendar, and its routes in the order of the documentation."""

from halolight.core.http.api import Blueprint

from ..keys import EventKeyConverter

CONVERTERS = {"event": EventKeyConverter}

blp = Blueprint(
    "calendar",
    __name__,
    url_prefix="/api/calendar",
    description="Events, attendees and reminders",
)

from . import events, exchange  # noqa: E402, F401  each adds its routes to `blp`
