"""An event, with all that belongs to it, for the tests of the whole API."""

import datetime as dt
from typing import Any

from halolight.core.clock import utcnow
from halolight.core.tokens import token_hash
from halolight.extensions import db
from halolight.modules.calendar.models import (
    CalendarFeed,
    Event,
    EventAttendee,
    EventReminder,
    EventTeam,
)

AFTER = ("teams",)
FEED_TOKEN = "the-token-of-a-feed"


def add(known: dict[str, Any]) -> dict[str, Any]:
    start = utcnow() + dt.timedelta(days=1)
    event = Event(
        title="Review", start=start, end=start + dt.timedelta(hours=1), owner_id=known["owner_id"]
    )
    db.session.add(event)
    db.session.flush()
    of_it = {"event_id": event.id}
    db.session.add_all(
        [
            EventAttendee(**of_it, user_id=known["user_id"]),
            EventTeam(**of_it, team_id=known["team_id"]),
            EventReminder(**of_it, minutes=10, due_at=start - dt.timedelta(minutes=10)),
        ]
    )
    feed = CalendarFeed(user_id=known["owner_id"], token_hash=token_hash(FEED_TOKEN))
    db.session.add(feed)
    db.session.flush()
    return of_it | {"feed_token": FEED_TOKEN}
