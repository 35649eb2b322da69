"""Reading iCalendar files: limited in size, and translated to the input of the API.

What is read passes the same checks as a request that makes an event.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import marshmallow as ma

from halolight.core.errors import Invalid
from halolight.core.i18n import Message, _, for_caller
from halolight.core.text import is_one_line
from halolight.core.threads import cooperate, run_in_cpu_thread

from ..inputs import MAX_MINUTES, MAX_REMINDERS, EventInput
from ..models import DAY, STATUSES, TYPES
from ..recurrence import MAX_DATES
from . import zones
from .writing import COLOR, STATUS, TYPE

MAX_EVENTS = 500
MAX_LINES = 20_000  # reading one takes about 40 microseconds
MAX_VALUES = 100_000  # parameters and values of lists, about 7 microseconds each
MAX_TITLE, MAX_DESCRIPTION, MAX_LOCATION, MAX_UID = 200, 10_000, 500, 255
UNTITLED = _("Untitled")


class Read(NamedTuple):
    """An event of a file: how its calendar calls it, and what a request would say of it."""

    uid: str
    recurrence_id: dt.datetime | None  # of an occurrence the start it had, in UTC
    cancelled: bool
    data: dict[str, Any]


def read(content: bytes, zone: dt.tzinfo) -> list[Read]:
    """The events of a calendar, each series before its occurrences.

    Times that name no zone are in `zone`. Raises `Invalid`.
    """
    if content.count(b"\n") > MAX_LINES:
        raise Invalid(_("A calendar can have at most {max:,} lines.", max=MAX_LINES), field="file")
    if sum(content.count(mark) for mark in (b";", b",")) > MAX_VALUES:
        most = _("A calendar can have at most {max:,} parameters and values.", max=MAX_VALUES)
        raise Invalid(most, field="file")
    try:
        parsed = run_in_cpu_thread(zones.parse, content)
    except Exception:  # the library raises whatever its parts do
        raise Invalid(
            _("This is not a calendar file (iCalendar, RFC 5545)."), field="file"
        ) from None
    zones.check(parsed)
    found = parsed.walk("VEVENT")
    if len(found) > MAX_EVENTS:
        raise Invalid(
            _("A calendar can have at most {max} events.", code="too_many", max=MAX_EVENTS),
            field="file",
        )
    return sorted(_all_read(found, zone), key=lambda each: each.recurrence_id is not None)


def _all_read(found: Sequence[Any], zone: dt.tzinfo) -> Iterator[Read]:
    for number, component in enumerate(found):
        cooperate()
        try:
            yield _read(component, zone)
        except ma.ValidationError as error:
            field, reason = _first(error.messages)
            raise _refusal(number, reason, field) from None
        except Invalid as error:
            raise _refusal(number, error.message) from None
        except Exception:  # broken properties raise whatever the library does
            raise Invalid(
                _("Event {number} cannot be read.", number=number + 1), field=f"events.{number}"
            ) from None


def _refusal(number: int, reason: str, field: str = "") -> Invalid:
    code = getattr(reason, "code", "invalid")
    message = Message(
        _("Event {number}: {reason}"), code=code, values={"number": number + 1, "reason": reason}
    )
    return Invalid(message, field=f"events.{number}.{field}".rstrip("."))


def _first(messages: Any, path: str = "") -> tuple[str, str]:
    """The place and text of the first fault."""
    if isinstance(messages, dict):
        key, inner = next(iter(messages.items()))
        return _first(inner, f"{path}.{key}" if path else str(key))
    return path, messages[0] if isinstance(messages, list) else str(messages)


def _read(component: Any, zone: dt.tzinfo) -> Read:
    uid = str(component.get("uid", ""))[: MAX_UID + 1]
    if not uid or len(uid) > MAX_UID or not is_one_line(uid) or "\0" in uid:
        raise Invalid(_("The UID is missing, or has more than {max} characters.", max=MAX_UID))
    start, time_zone, all_day = _moment(component["dtstart"].dt, zone)
    body: dict[str, Any] = {
        "title": _line(component, "summary", MAX_TITLE) or for_caller(UNTITLED),
        "description": str(component.get("description", ""))[:MAX_DESCRIPTION] or None,
        "location": _line(component, "location", MAX_LOCATION) or None,
        "allDay": all_day,
        "start": start,
        "end": _end(component, start, zone, all_day=all_day),
        "reminders": list(_reminders(component)),
        **_words(component),
    }
    if time_zone:
        body["timeZone"] = time_zone
    recurrence = _recurrence(component, zone)
    if recurrence and "recurrence-id" not in component:
        body["recurrence"] = recurrence
    for name in ("start", "end"):
        body[name] = body[name].isoformat()
    data: dict[str, Any] = EventInput().load(body)
    data.setdefault("recurrence", None)
    data.setdefault("time_zone", None)
    at = component.get("recurrence-id")
    recurrence_id = _in_utc(_moment(at.dt, zone)[0], all_day=all_day) if at else None
    cancelled = str(component.get("status", "")).upper() == "CANCELLED"
    return Read(uid, recurrence_id, cancelled, data)


def _moment(value: dt.date, zone: dt.tzinfo) -> tuple[dt.datetime, str | None, bool]:
    """A start or end, the name of its time zone if it has one, and whether it is a date."""
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time(), dt.UTC), None, True
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    if not isinstance(value.tzinfo, ZoneInfo | dt.timezone):
        zones.check_year(value)
    elif isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key != "UTC":
        return value, value.tzinfo.key, False
    return value.astimezone(dt.UTC), None, False


def _in_utc(moment: dt.datetime, *, all_day: bool) -> dt.datetime:
    if all_day:
        return dt.datetime.combine(moment.date(), dt.time(), dt.UTC)
    return moment.astimezone(dt.UTC)


def _end(component: Any, start: dt.datetime, zone: dt.tzinfo, *, all_day: bool) -> dt.datetime:
    """Of an all-day event its last day, which in a file is the one before its end."""
    if "dtend" in component:
        end = _moment(component["dtend"].dt, zone)[0]
    elif "duration" in component:
        end = start + component["duration"].dt
    else:
        return start
    return max(start, end - DAY) if all_day else end


def _line(component: Any, name: str, most: int) -> str:
    """A text as one line, cut off where it gets long."""
    lines = (line.strip() for line in str(component.get(name, "")).splitlines())
    text = " ".join(filter(None, lines))[:most].strip()
    return text if is_one_line(text) else "".join(filter(is_one_line, text))


def _words(component: Any) -> dict[str, Any]:
    """Type, status and color, where the file has words that we know."""
    said = {name: str(component.get(name, "")).lower() for name in (TYPE, STATUS, COLOR)}
    words: dict[str, Any] = {}
    categories = {str(each).lower() for each in getattr(component.get("categories"), "cats", ())}
    known = [each for each in TYPES if each == said[TYPE] or each in categories]
    if known:
        words["type"] = said[TYPE] if said[TYPE] in known else known[0]
    if said[STATUS] in STATUSES:
        words["status"] = said[STATUS]
    if color := said[COLOR] or str(component.get("color", "")).lower():
        words["color"] = color[:30]
    return words


def _reminders(component: Any) -> Iterator[int]:
    """The alarms so many minutes before the start; others there are not here."""
    minutes = []
    for alarm in component.walk("VALARM"):
        trigger = getattr(alarm.get("trigger"), "dt", None)
        if isinstance(trigger, dt.timedelta) and trigger <= dt.timedelta(0):
            minutes.append(int(-trigger.total_seconds() // 60))
    yield from [each for each in dict.fromkeys(minutes) if each <= MAX_MINUTES][:MAX_REMINDERS]


def _recurrence(component: Any, zone: dt.tzinfo) -> Mapping[str, Any] | None:
    rules = component.get("rrule")
    if isinstance(rules, list) or "exrule" in component:
        raise Invalid(_("A series can have one RRULE and no EXRULE."))
    found: dict[str, Any] = {"rule": rules.to_ical().decode() if rules else None}
    for name in ("exdates", "rdates"):
        given = component.get(name.removesuffix("s"), [])
        lists = given if isinstance(given, list) else [given]
        # One more than there may be, so that the check sees it.
        dates = islice((each.dt for dates in lists for each in dates.dts), MAX_DATES + 1)
        found[name] = [_moment(date, zone)[0].isoformat() for date in dates]
    return found if found["rule"] or found["rdates"] else None
