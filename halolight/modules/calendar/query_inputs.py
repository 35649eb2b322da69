"""What queries ask of the calendar: lists, free/busy, and which occurrences change."""

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
    expand = ma.fields.Boolean(
        metadata={
            "description": "Whether occurrences are shown in place of their series: by default "
            "with a range and not without one. Without a range, those of a year before and after."
        }
    )
    type = Choice(*TYPES, metadata={"description": "Only events of this type."})
    status = Choice(*STATUSES, metadata={"description": "Only tasks with this status."})
    search = Search(metadata={"description": "In title, description and location."})
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
            "description": f"Ids with commas between them, at most {MAX_PEOPLE}. "
            "By default those of the caller.",
            "example": "2,3",
        },
    )
    start = WrittenTime(
        UNNAMED, required=True, metadata={"description": "From when on they are asked about."}
    )
    end = WrittenTime(
        UNNAMED,
        required=True,
        metadata={"description": f"At most {MAX_DAYS} days after the start."},
    )
    tz = TimeZone(
        metadata={
            "description": "The time zone of `start` and `end` where they name none, and in which "
            "all-day events take their days. By default UTC.",
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
            "description": "The time zone of times that name none. By default UTC.",
            "example": "Europe/Berlin",
        },
    )
