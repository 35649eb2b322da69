"""What goes out of the calendar's endpoints. What comes in is in `inputs`."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import Embedded, UTCDateTimeField
from halolight.modules.teams.schemas import TeamNameSchema
from halolight.modules.users.schemas import PersonSchema

from .keys import EventKeyField
from .models import ANSWERS, STATUSES, TYPES

RULE = "FREQ=WEEKLY;BYDAY=MO,WE"  # for the documentation
ENDS_TOO_EARLY = _("The end must not be before the start.", code="invalid_time")


class AttendeeSchema(PersonSchema):
    status = ma.fields.String(
        required=True,
        metadata={"description": "The response to the invitation.", "enum": list(ANSWERS)},
    )


class RecurrenceSchema(Schema):
    rule = ma.fields.String(required=True, allow_none=True, metadata={"example": RULE})
    exdates = ma.fields.List(
        ma.fields.String(),
        metadata={"description": "Starts of cancelled occurrences. Only a series has them."},
    )
    rdates = ma.fields.List(
        ma.fields.String(),
        metadata={"description": "Starts of additional occurrences. Only a series has them."},
    )

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """As it is stored, which is how it is shown."""
        return obj


class EventSchema(Schema):
    UNVERSIONED: ClassVar[tuple[str, ...]] = ("attendees",)  # who answers changes no version

    id = EventKeyField(required=True)
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
            "description": "It is on the days from `startDate` to `endDate` in every time zone."
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
        required=True,
        allow_none=True,
        metadata={"description": "A hex color like `#3b82f6`, or a color name."},
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
    time_zone = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The time zone in which the event repeats."},
    )
    recurrence = ma.fields.Nested(
        RecurrenceSchema,
        required=True,
        allow_none=True,
        metadata={"description": "How the event repeats; an occurrence has that of its series."},
    )
    series_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "For an occurrence, the id of its series; null otherwise."},
    )
    recurrence_id = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "For an occurrence, its original start: a time in UTC, or a date for an "
            "all-day series. It does not change when the occurrence moves."
        },
    )
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class BusyTimeSchema(Schema):
    start = UTCDateTimeField(required=True)
    end = UTCDateTimeField(required=True)


class FreeBusySchema(Schema):
    user_id = ma.fields.Integer(required=True)
    busy = ma.fields.List(ma.fields.Nested(BusyTimeSchema), required=True)


class FeedSchema(Schema):
    exists = ma.fields.Boolean(required=True)
    created_at = UTCDateTimeField(required=True, allow_none=True)
    url = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Returned only once, when the feed is created."},
    )


class ImportedSchema(Schema):
    created = ma.fields.Integer(required=True)
    updated = ma.fields.Integer(required=True)
    unchanged = ma.fields.Integer(required=True)
