"""Free/busy: when users are busy, without details.

Users are busy during the meetings and tasks that they own or attend, unless they have declined.
They can query themselves and their teammates, and with `calendar:manage` everybody.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from halolight.core.access import CurrentUser
from halolight.core.db.listing import EVERYTHING
from halolight.core.db.reads import Row
from halolight.core.db.resource import CALLER
from halolight.core.errors import Invalid
from halolight.core.i18n import Listed, _
from halolight.extensions import db
from halolight.modules.teams.models import TeamMember, teams_of
from halolight.modules.users.models import User
from halolight.modules.users.queries import ACTIVE

from . import occurring
from .models import DAY, Event, EventAttendee, EventOccurrence
from .queries import EVENTS

MAX_PEOPLE = 20
MAX_DAYS = 62
BUSY = ("meeting", "task")

Interval = tuple[dt.datetime, dt.datetime]

# A statement is a constant, so it has a place for each of the people that there may be.
_PEOPLE = [sa.bindparam(f"person_{number}", type_=sa.Integer) for number in range(MAX_PEOPLE)]
_Mate = aliased(TeamMember)
_KNOWN = sa.or_(
    User.id == CALLER,
    User.id.in_(sa.select(_Mate.user_id).where(_Mate.team_id.in_(teams_of(CALLER)))),
)


def list_busy_times(
    user: CurrentUser, user_ids: Sequence[int], zone: dt.tzinfo, params: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The busy times of each of these people in a range (`times.range_params`).

    An all-day event takes its days in `zone`.
    """
    user_ids = user_ids or [user.id]
    people = dict.fromkeys((each.key for each in _PEOPLE), 0)
    people |= dict(zip(people, user_ids, strict=False))
    bounds = occurring.bounded(params, reads_all=True)
    manages = EVENTS.manages(user)
    rows = db.rows(_STATEMENTS[manages], **EVENTS.params(user), **people, **bounds)
    busy: dict[int, list[Interval]] = {row.id: [] for row in rows}
    if missing := [user_id for user_id in user_ids if user_id not in busy]:
        raise Invalid(
            _(
                "These users do not exist, or you share no team with them: {ids}.",
                code="not_found",
                ids=Listed(missing),
            ),
            field="userIds",
        )
    for row in rows:
        if row.start is not None:
            busy[row.id].append(_interval(row, zone))
    start, end = params["start"], params["end"]
    return [
        {"user_id": user_id, "busy": list(_merged(busy[user_id], start, end))}
        for user_id in user_ids
    ]


def _interval(row: Row, zone: dt.tzinfo) -> Interval:
    if not row.all_day:
        return row.start, row.end
    first, after = (each.replace(tzinfo=zone) for each in (row.start, row.end + DAY))
    return first.astimezone(dt.UTC), after.astimezone(dt.UTC)


def _merged(
    intervals: Iterable[Interval], start: dt.datetime, end: dt.datetime
) -> Iterator[dict[str, dt.datetime]]:
    """Clipped to the range, and merged, so that the number of events is not visible."""
    began = ended = None
    for first, last in sorted(intervals):
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if began is None or ended is None:
            began, ended = first, last
        elif first <= ended:
            ended = max(ended, last)
        else:
            yield {"start": began, "end": ended}
            began, ended = first, last
    if began is not None and ended is not None:
        yield {"start": began, "end": ended}


def _statement(known: Any) -> sa.Select[*tuple[Any, ...]]:
    """The users who can be queried, with their busy times if they have any."""
    owned = sa.select(Event.owner_id.label("user_id"), Event.id.label("event_id"))
    attended = sa.select(EventAttendee.user_id, EventAttendee.event_id)
    whose = sa.union_all(
        owned.where(Event.owner_id.in_(_PEOPLE)),
        attended.where(EventAttendee.user_id.in_(_PEOPLE), EventAttendee.status != "declined"),
    ).cte("whose")

    def of(entity: Any, event_id: Any, conditions: Sequence[Any]) -> sa.Select[Any]:
        columns = (entity.start.label("start"), entity.end.label("end"), entity.all_day)
        return (
            sa.select(whose.c.user_id, *columns)
            .select_from(whose)
            .join(Event, Event.id == whose.c.event_id)
            .where(Event.type.in_(BUSY), event_id == whose.c.event_id, *conditions)
        )

    busy = sa.union_all(
        of(Event, Event.id, [~Event.repeats, *occurring.WITHIN[Event]]),
        of(EventOccurrence, EventOccurrence.event_id, occurring.WITHIN[EventOccurrence]),
    ).subquery("busy")
    return (
        sa.select(User.id, busy.c.start, busy.c.end, busy.c.all_day)
        .outerjoin(busy, busy.c.user_id == User.id)
        .where(User.id.in_(_PEOPLE), ACTIVE, known)
    )


_STATEMENTS = {True: _statement(EVERYTHING), False: _statement(_KNOWN)}
