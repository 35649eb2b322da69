"""Changes of events in live streams, derived from the audit trail."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from halolight.extensions import db, live
from halolight.modules.audit import trail
from halolight.modules.teams.models import TeamMember
from halolight.modules.teams.sharing import people_among

from .keys import shown_id
from .models import Event, EventAttendee, EventTeam

_ID = sa.bindparam("id", type_=sa.Integer)
# The event, and of a series the occurrences that were changed: they may have other people.
_EVENTS = sa.select(Event.id).where(sa.or_(Event.id == _ID, Event.series_id == _ID))
_PEOPLE = sa.union(
    sa.select(EventAttendee.user_id).where(EventAttendee.event_id.in_(_EVENTS)),
    sa.select(TeamMember.user_id)
    .join(EventTeam, EventTeam.team_id == TeamMember.team_id)
    .where(EventTeam.event_id.in_(_EVENTS)),
)

live.kind("calendar", permission="calendar:view")


@trail.follows("calendar")
def tell_people(action: str, event: Any, changes: Mapping[str, trail.Values]) -> None:
    """Send the change to the current and the removed participants of the event."""
    if isinstance(event, Event):
        people = {row.user_id for row in db.execute(_PEOPLE, id=event.id)}
        people |= people_among(
            [*_before(changes, "attendee_ids"), *_before(changes, "attendee_id")],
            _before(changes, "team_ids"),
        )
        owner = {event.owner_id} if event.owner_id else set()
        shown = shown_id(event.key, all_day=event.all_day)
        live.tell(people | owner, "calendar", id=shown, action=action.partition(".")[2])


def _before(changes: Mapping[str, trail.Values], name: str) -> list[int]:
    before = changes.get(name, trail.UNNAMED)[0]
    return [before] if isinstance(before, int) else list(before or ())
