"""What comes in and goes out of the calendar's endpoints."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Choice,
    Color,
    Embedded,
    Id,
    Line,
    Search,
    TimeZone,
    UniqueList,
    UTCDateTimeField,
    WrittenTime,
    sort_by,
    sort_order,
)
from halolight.core.schemas.validate import Length, Range
from halolight.modules.teams.schemas import TeamNameSchema
from halolight.modules.users.schemas import PersonSchema

from .models import ANSWERS, EARLIEST, LATEST, STATUSES, TYPES
from .times import UNNAMED, range_params

MAX_ATTENDEES = 100
MAX_TEAMS = 20
MAX_REMINDERS = 10
MAX_MINUTES = 40_320  # four weeks

ENDS_TOO_EARLY = _("The end must not be before the start.", code="invalid_time")
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


START = (
    "Of an all-day event a date, or any time of that day. "
    "Also accepted as `startAt`, `startTime` and `startDate`."
)
END = (
    "Of an all-day event its last day, as a date or any time of that day. "
    "Also accepted as `endAt`, `endTime` and `endDate`."
)


def _event_time(description: str, **kwargs: Any) -> WrittenTime:
    return WrittenTime(validate=_check_year, metadata={"description": description}, **kwargs)


class Reference(Id):
    """An id, or an object that has it as `userId` or `id`, as an event shows its attendees."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, Mapping):
            value = value.get("userId", value.get("id"))
        return super()._deserialize(value, *args, **kwargs)


class References(UniqueList):
    """A list of ids; one alone may stand without the list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Reference(), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        references = [value] if isinstance(value, int | Mapping) else value
        return super()._deserialize(references, *args, **kwargs)


class AttendeeSchema(PersonSchema):
    status = ma.fields.String(
        required=True,
        metadata={"description": "The answer to the invitation.", "enum": list(ANSWERS)},
    )


class EventSchema(Schema):
    UNVERSIONED: ClassVar[tuple[str, ...]] = ("attendees",)  # who answers changes no version

    id = ma.fields.Integer(required=True)
    title = ma.fields.String(required=True)
    description = ma.fields.String(required=True, allow_none=True)
    type = ma.fields.String(
        required=True,
        metadata={"description": "Only a `task` has a `status`.", "enum": list(TYPES)},
    )
    start = UTCDateTimeField(
        required=True,
        metadata={"description": "Of an all-day event, midnight UTC of its first day."},
    )
    end = UTCDateTimeField(
        required=True,
        metadata={"description": "Of an all-day event, midnight UTC of its last day."},
    )
    all_day = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "It lies on the days from `startDate` to `endDate` in every time zone."
        },
    )
    start_date = ma.fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "First day of an all-day event, null otherwise."},
    )
    end_date = ma.fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "Last day of an all-day event, null otherwise."},
    )
    location = ma.fields.String(required=True, allow_none=True)
    color = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Like `#3b82f6`, or a word."}
    )
    status = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of a task; null otherwise.", "enum": [*STATUSES, None]},
    )
    owner = Embedded(PersonSchema)
    attendees = ma.fields.List(ma.fields.Nested(AttendeeSchema), required=True)
    teams = ma.fields.List(ma.fields.Nested(TeamNameSchema), required=True)
    reminders = ma.fields.List(
        ma.fields.Integer(), required=True, metadata={"description": "Minutes before the start."}
    )
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


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
    type = Choice(*TYPES, metadata={"description": "Only a `task` has a `status`."})
    start = _event_time(START)
    end = _event_time(END)
    all_day = ma.fields.Boolean(
        metadata={
            "description": "Whether it takes whole days, the same in every time zone. "
            "Also accepted as `isAllDay`."
        }
    )
    location = Line(allow_none=True, validate=Length(max=500))
    color = Color(metadata={"description": "Like `#3b82f6`, or a word."})
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


class EventInput(EventUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "title": "Review",
        "start": "2030-05-06T09:00:00Z",
        "end": "2030-05-06T10:00:00Z",
        "attendeeIds": [2],
        "reminders": [15],
    }

    title = Line(required=True, validate=TITLE)
    type = Choice(
        *TYPES, load_default="meeting", metadata={"description": "Only a `task` has a `status`."}
    )
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


class EventAnswerInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"status": "accepted"}

    status = Choice(
        *ANSWERS, required=True, metadata={"description": "Your answer to the invitation."}
    )


class EventQuery(PageQuery):
    ALIASES: ClassVar[dict[str, str]] = {**PageQuery.ALIASES, **TIMES}

    start = WrittenTime(
        UNNAMED, metadata={"description": "Not over by then. Also accepted as `startDate`."}
    )
    end = WrittenTime(
        UNNAMED, metadata={"description": "Begun before. Also accepted as `endDate`."}
    )
    tz = TimeZone(
        metadata={
            "description": "The time zone of `start` and `end` where they name none, and whose "
            "dates they are for all-day events; without it the dates are as written.",
            "example": "Europe/Berlin",
        }
    )
    type = Choice(*TYPES, metadata={"description": "Only events of this type."})
    status = Choice(*STATUSES, metadata={"description": "Only tasks with this status."})
    search = Search(metadata={"description": "In title, description and location."})
    sort_by = sort_by("start", "created_at", "title")
    sort_order = sort_order("asc")

    @ma.post_load
    def _place_range(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        params = range_params(data.get("start"), data.get("end"), data.pop("tz", None))
        if "start" in params and "end" in params and params["end"] < params["start"]:
            raise ma.ValidationError(ENDS_TOO_EARLY, "end")
        return data | params
