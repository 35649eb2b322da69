"""What comes in to the calendar's endpoints. What goes out is in `schemas`."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import (
    Choice,
    Color,
    Id,
    Line,
    TimeZone,
    UniqueList,
    WrittenTime,
)
from halolight.core.schemas.validate import Length, Range

from .keys import EventKeyField
from .models import ANSWERS, EARLIEST, LATEST, STATUSES, TYPES
from .recurrence import MAX_DATES
from .rules import MAX_RULE
from .schemas import RULE
from .times import UNNAMED

DATES = ("exdates", "rdates")
MAX_ATTENDEES = 100
MAX_TEAMS = 20
MAX_REMINDERS = 10
MAX_MINUTES = 40_320  # four weeks

TITLE = Length(1, 200)

TIMES = {
    **dict.fromkeys(("startAt", "startTime", "startDate"), "start"),
    **dict.fromkeys(("endAt", "endTime", "endDate"), "end"),
}


def _check_year(moment: dt.datetime) -> None:
    if not EARLIEST <= moment <= LATEST:
        years = {"first": EARLIEST.year, "last": LATEST.year}
        raise ma.ValidationError(
            _("Enter a time between the years {first} and {last}.", code="invalid_time", **years)
        )


TYPE_OF = "Only a `task` has a `status`."
START = (
    "For an all-day event, a date or any time of that day. "
    "Also accepted as `startAt`, `startTime` and `startDate`."
)
END = (
    "For an all-day event, its last day as a date or any time of that day. "
    "Also accepted as `endAt`, `endTime` and `endDate`."
)


def _event_time(description: str, **kwargs: Any) -> WrittenTime:
    return WrittenTime(
        UNNAMED, validate=_check_year, metadata={"description": description}, **kwargs
    )


def _dates(description: str) -> ma.fields.List[Any]:
    return ma.fields.List(
        WrittenTime(UNNAMED, validate=_check_year),
        validate=Length(max=MAX_DATES),
        metadata={"description": f"{description} Dates for an all-day series."},
    )


class Reference(Id):
    """An id, or an object that has it as `userId` or `id`, as an event shows its attendees."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, Mapping):
            value = value.get("userId", value.get("id"))
        return super()._deserialize(value, *args, **kwargs)


class References(UniqueList):
    """A list of ids; a single id is accepted, too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Reference(), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        references = [value] if isinstance(value, int | Mapping) else value
        return super()._deserialize(references, *args, **kwargs)


class RecurrenceInput(Schema):
    rule = ma.fields.String(
        allow_none=True,
        validate=Length(max=MAX_RULE),
        metadata={
            "description": "An RRULE (RFC 5545, 3.3.10) with FREQ=DAILY, WEEKLY, MONTHLY or "
            "YEARLY. The event has to start on an occurrence of its rule.",
            "example": RULE,
        },
    )
    exdates = _dates("Starts of occurrences that are cancelled.")
    rdates = _dates("Starts of further occurrences.")


class EventUpdate(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"location": "Room 2", "reminders": [15]}

    ALIASES: ClassVar[dict[str, str]] = {
        **TIMES,
        "isAllDay": "allDay",
        "attendees": "attendeeIds",
        "teams": "teamIds",
    }

    title = Line(validate=TITLE)
    description = ma.fields.String(allow_none=True, validate=Length(max=10_000))
    type = Choice(*TYPES, metadata={"description": TYPE_OF})
    start = _event_time(START)
    end = _event_time(END)
    all_day = ma.fields.Boolean(
        metadata={
            "description": "Whether the event takes whole days, the same in every time zone. "
            "Also accepted as `isAllDay`."
        }
    )
    location = Line(allow_none=True, validate=Length(max=500))
    color = Color(metadata={"description": "A hex color like `#3b82f6`, or a color name."})
    status = Choice(
        *STATUSES, allow_none=True, metadata={"description": "Of a task; ignored otherwise."}
    )
    attendee_ids = References(
        validate=Length(max=MAX_ATTENDEES),
        metadata={"description": "Also accepted as `attendees`: ids, or objects with an `id`."},
    )
    team_ids = References(
        validate=Length(max=MAX_TEAMS),
        metadata={"description": "Teams that see the event. Also accepted as `teams`."},
    )
    reminders = UniqueList(
        ma.fields.Integer(strict=True, validate=Range(0, MAX_MINUTES)),
        validate=Length(max=MAX_REMINDERS),
        metadata={"description": "Minutes before the start."},
    )
    time_zone = TimeZone(
        allow_none=True,
        metadata={
            "description": "Time zone in which the event repeats, and of `start` and `end` if they "
            "have no offset. By default, a series repeats in UTC.",
            "example": "Europe/Berlin",
        },
    )
    recurrence = ma.fields.Nested(
        RecurrenceInput,
        allow_none=True,
        metadata={"description": "How the event repeats; null if it does not."},
    )

    @ma.post_load
    def _place_times(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Times without an offset are in the time zone of the event."""
        zone = data.get("time_zone")
        if zone is None:
            return data
        placed = {
            name: data[name].replace(tzinfo=zone)
            for name in ("start", "end")
            if name in data and data[name].tzinfo is UNNAMED
        }
        recurrence = data.get("recurrence") or {}
        for name in recurrence.keys() & set(DATES):
            recurrence[name] = [
                each.replace(tzinfo=zone) if each.tzinfo is UNNAMED else each
                for each in recurrence[name]
            ]
        return data | placed | {"time_zone": zone.key}


class EventInput(EventUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "title": "Review",
        "start": "2030-05-06T09:00:00Z",
        "end": "2030-05-06T10:00:00Z",
        "attendeeIds": [2],
        "reminders": [15],
        "timeZone": "Europe/Berlin",
        "recurrence": {"rule": "FREQ=WEEKLY;BYDAY=MO;COUNT=10"},
    }

    title = Line(required=True, validate=TITLE)
    type = Choice(*TYPES, load_default="meeting", metadata={"description": TYPE_OF})
    start = _event_time(START, required=True)


class EventTimesInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"start": "2030-05-06T11:00:00Z"}

    ALIASES = TIMES

    start = _event_time(START, required=True)
    end = _event_time(f"{END} When not sent, the event stays as long.")


class EventAttendeesInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"attendeeIds": [3]}

    ALIASES: ClassVar[dict[str, str]] = dict.fromkeys(
        ("attendees", "userIds", "userId"), "attendeeIds"
    )

    attendee_ids = References(
        required=True,
        validate=Length(1, MAX_ATTENDEES),
        metadata={"description": "Also accepted as `userIds` and `userId`."},
    )


class EventIdsInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"ids": [21, 22]}

    ids = UniqueList(EventKeyField(), required=True, validate=Length(1, 100))


class EventAnswerInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"status": "accepted"}

    status = Choice(
        *ANSWERS, required=True, metadata={"description": "Your response to the invitation."}
    )


class CalendarFileInput(Schema):
    file = ma.fields.Raw(required=True, metadata={"type": "string", "format": "binary"})
