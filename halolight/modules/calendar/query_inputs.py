"""The query parameters of the calendar's endpoints."""

import datetime as dt
from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.schemas.base import PageQuery, Query, Schema
from halolight.core.schemas.fields import (
    Choice,
    Id,
    Search,
    TimeZone,
    WrittenTime,
    sort_by,
    sort_order,
)

from .free_busy import MAX_DAYS, MAX_PEOPLE
from .inputs import TIMES
from .models import DAY, SCOPES, STATUSES, TYPES
from .schemas import ENDS_TOO_EARLY
from .times import UNNAMED, range_params


class EventScopeQuery(Schema):
    """Not a `Query`, for which `all` is no filter."""

    scope = Choice(
        *SCOPES,
        metadata={
            "description": "Which occurrences of a series change. By default `this` for the id of "
            "an occurrence, and `all` for that of a series."
        },
    )


class EventQuery(PageQuery):
    ALIASES: ClassVar[dict[str, str]] = {**PageQuery.ALIASES, **TIMES}

    start = WrittenTime(
        UNNAMED,
        metadata={"description": "Start of the range. Also accepted as `startDate`."},
    )
    end = WrittenTime(
        UNNAMED,
        metadata={"description": "End of the range, exclusive. Also accepted as `endDate`."},
    )
    tz = TimeZone(
        metadata={
            "description": "Time zone of `start` and `end` if they have no offset, and of their "
            "dates for all-day events. By default, the dates are used as they are written.",
            "example": "Europe/Berlin",
        }
    )
    expand = ma.fields.Boolean(
        metadata={
            "description": "Whether the list contains occurrences instead of their series. By "
            "default `true` with a range, `false` without. `true` without a range returns the "
            "occurrences from a year ago to a year ahead."
        }
    )
    type = Choice(*TYPES, metadata={"description": "Only events of this type."})
    status = Choice(*STATUSES, metadata={"description": "Only tasks with this status."})
    search = Search(
        metadata={
            "description": (
                "Anywhere in the title; in description and location, where a word begins with it."
            )
        }
    )
    sort_by = sort_by("start", "created_at", "title")
    sort_order = sort_order("asc")

    @ma.post_load
    def _place_range(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        params = range_params(data.get("start"), data.get("end"), data.pop("tz", None))
        if "start" in params and "end" in params and params["end"] < params["start"]:
            raise ma.ValidationError(ENDS_TOO_EARLY, "end")
        return data | params


class PeopleList(ma.fields.String):
    """Ids of users, with commas between them."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        texts = super()._deserialize(value, *args, **kwargs).split(",")
        if len(texts) > MAX_PEOPLE:
            raise ma.ValidationError(
                _("Choose at most {max} users.", code="too_many", max=MAX_PEOPLE)
            )
        return list(dict.fromkeys(Id().deserialize(_number(text)) for text in texts))


def _number(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else text


class FreeBusyQuery(Query):
    ALIASES: ClassVar[dict[str, str]] = TIMES

    user_ids = PeopleList(
        load_default=(),
        metadata={
            "description": f"Ids separated by commas, at most {MAX_PEOPLE}. "
            "By default only your own.",
            "example": "2,3",
        },
    )
    start = WrittenTime(UNNAMED, required=True, metadata={"description": "Start of the range."})
    end = WrittenTime(
        UNNAMED,
        required=True,
        metadata={"description": f"End of the range, at most {MAX_DAYS} days after the start."},
    )
    tz = TimeZone(
        metadata={
            "description": "Time zone of `start` and `end` if they have no offset, and of all-day "
            "events. By default UTC.",
            "example": "Europe/Berlin",
        }
    )

    @ma.post_load
    def _place_range(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        zone = data.get("tz", dt.UTC)
        params = range_params(data["start"], data["end"], zone)
        if not params["start"] <= params["end"] <= params["start"] + MAX_DAYS * DAY:
            raise ma.ValidationError(
                _(
                    "The end must be at most {days} days after the start.",
                    code="invalid_time",
                    days=MAX_DAYS,
                ),
                "end",
            )
        return {"user_ids": data["user_ids"], "zone": zone, "params": params}


class ImportQuery(Query):
    tz = TimeZone(
        load_default=dt.UTC,
        metadata={
            "description": "Time zone of times without one. By default UTC.",
            "example": "Europe/Berlin",
        },
    )
