"""The ids of events: numbers, and for occurrences the id of the series with the original start.

`12_20260511T090000Z` is an occurrence of series 12, `12_20260511` one of an all-day series. It
keeps its id when it moves, as RFC 5545 and other calendars have it (RECURRENCE-ID).
"""

import datetime as dt
import re
from types import SimpleNamespace
from typing import Any, NamedTuple

import marshmallow as ma
from werkzeug.routing import BaseConverter

from halolight.core.clock import isoformat
from halolight.core.db.reads import Row
from halolight.core.i18n import _
from halolight.core.schemas.base import MAX_INTEGER

PATTERN = "[0-9]+(?:_[0-9]{8}(?:T[0-9]{6}Z)?)?"
MAX_LENGTH = 40
_KEY = re.compile(r"([0-9]{1,20})(?:_([0-9]{8})(?:T([0-9]{6})Z)?)?")

# Without a type: generators of clients know no unions of plain types.
ID = {
    "description": "A number; for an occurrence, a string of the id of its series and its original "
    "start, like 12_20260511T090000Z.",
}


class EventKey(NamedTuple):
    """The parts of an id: that of an event or series, and `at` (UTC) for an occurrence."""

    id: int
    at: dt.datetime | None = None


NOTHING = EventKey(0)  # the id of no event


def written(moment: dt.datetime, *, all_day: bool) -> str:
    """A start as the API writes it: a date of an all-day event, else a time in UTC."""
    return f"{moment:%Y-%m-%d}" if all_day else isoformat(moment)


def key_text(series_id: int, at: dt.datetime, *, all_day: bool) -> str:
    return f"{series_id}_{at:%Y%m%d}" if all_day else f"{series_id}_{at:%Y%m%dT%H%M%SZ}"


def shown_id(key: EventKey, *, all_day: bool) -> int | str:
    """The id in responses."""
    return key.id if key.at is None else key_text(key.id, key.at, all_day=all_day)


def read_key(text: str) -> EventKey:
    """Also of a text that is the id of nothing."""
    match = _KEY.fullmatch(text[: MAX_LENGTH + 1])
    if match is None or int(match[1]) > MAX_INTEGER:
        return NOTHING
    if match[2] is None:
        return EventKey(int(match[1]))
    try:
        at = dt.datetime.fromisoformat(f"{match[2]}T{match[3] or '000000'}+00:00")
    except ValueError:
        return NOTHING
    return EventKey(int(match[1]), at)


class EventKeyConverter(BaseConverter):
    """`<event:...>` in an address."""

    regex = PATTERN

    def to_python(self, value: str) -> EventKey:
        return read_key(value)

    @staticmethod
    def documented(_: BaseConverter) -> dict[str, Any]:
        return dict(ID)


class EventKeyField(ma.fields.Raw):
    """The id of an event or an occurrence, in a body."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"metadata": ID, **kwargs})

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> EventKey:
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_INTEGER:
            return EventKey(value)
        if isinstance(value, str) and (key := read_key(value)) != NOTHING:
            return key
        raise ma.ValidationError(_("This is not the id of an event."))


def shown(row: Row) -> Row:
    """A row of `queries.EVENT` with the id of its occurrence, if it is one."""
    if row.series_id is None:
        return row
    at, all_day = row.recurrence_id, row.all_day
    named = {
        "id": key_text(row.series_id, at, all_day=all_day),
        "recurrence_id": written(at, all_day=all_day),
        "recurrence": {"rule": row.rule},
    }
    return SimpleNamespace(**{**row._asdict(), **named})
