"""Events as iCalendar components.

They name no attendees and no organizer: what is published has none (RFC 5546, 3.2.1), and nobody
learns a mail address from it. Invitations add them.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from halolight.core.db.reads import Row
from halolight.core.threads import cooperate

from ..models import DAY
from ..recurrence import recurrence_of

PRODUCT = "-//HaloLight//HaloLight API//EN"
TRANSPARENT = ("reminder", "holiday")  # types of events in which nobody is busy
YEARS_AHEAD = 20  # for which the rules of a time zone are written out
LAST_YEAR = 2100  # of events for whose sake they are: nobody knows the rules of a later one

# What RFC 5545 has no property for.
TYPE, STATUS, COLOR = "X-HALOLIGHT-TYPE", "X-HALOLIGHT-STATUS", "X-HALOLIGHT-COLOR"


def uid_of(id_: int, created_at: dt.datetime, uid: str | None) -> str:
    """The globally unique and permanent id of an event in other calendars."""
    return uid or f"{id_}-{created_at.timestamp() * 1_000_000:.0f}@halolight"


def calendar(rows: Sequence[Row], *, name: str = "") -> Iterator[bytes]:
    """A calendar with these rows of `exporting.EXPORT`, piece by piece."""
    return of_components(map(event, rows), rows, name=name)


def of_components(
    events: Iterable[icalendar.Event], rows: Sequence[Row], method: str = "", *, name: str = ""
) -> Iterator[bytes]:
    """A calendar with these events, which were written of these rows."""
    head = icalendar.Calendar()
    head.add("prodid", PRODUCT)
    head.add("version", "2.0")
    if method:
        head.add("method", method)
    if name:
        head.add("x-wr-calname", name)
    begin, end = head.to_ical().split(b"END:VCALENDAR")
    yield begin
    for zone in sorted({row.time_zone for row in rows if row.time_zone and not row.all_day}):
        yield from _zone(zone, rows)
    for each in events:
        yield each.to_ical()
        cooperate()
    yield b"END:VCALENDAR" + end


def _zone(name: str, events: Iterable[Row]) -> Iterator[bytes]:
    if name != "UTC":
        years = [min(row.start.year, LAST_YEAR) for row in events if row.time_zone == name]
        yield _zone_component(name, min(years), max(years) + YEARS_AHEAD)


@lru_cache(maxsize=256)
def _zone_component(name: str, first: int, last: int) -> bytes:
    begin, end = dt.date(first, 1, 1), dt.date(last, 1, 1)
    zone = icalendar.Timezone.from_tzid(name, first_date=begin, last_date=end)
    written: bytes = zone.to_ical()
    return written


def event(row: Row) -> icalendar.Event:
    """A VEVENT; of a changed occurrence with the UID of its series."""
    component = icalendar.Event()
    component.add("uid", uid_of(row.uid_id, row.uid_created_at, row.uid))
    component.add("dtstamp", row.updated_at)
    component.add("created", row.created_at)
    component.add("last-modified", row.updated_at)
    component.add("sequence", row.version)
    component.add("summary", row.title)
    if row.description:
        component.add("description", row.description)
    if row.location:
        component.add("location", row.location)
    component.add("transp", "TRANSPARENT" if row.type in TRANSPARENT else "OPAQUE")
    component.add("categories", [row.type.upper()])
    for name, value in ((TYPE, row.type), (STATUS, row.status), (COLOR, row.color)):
        if value:
            component.add(name, value)
    add_times(component, row)
    for minutes in row.reminders:
        component.add_component(_alarm(minutes, row.title))
    return component


def add_times(component: icalendar.Event, row: Row) -> None:
    """When it takes place, and how it repeats."""
    zone = ZoneInfo(row.time_zone) if row.time_zone else dt.UTC

    def written(moment: dt.datetime) -> dt.date:
        if row.all_day:
            return moment.date()
        return moment.astimezone(zone if row.time_zone != "UTC" else dt.UTC)

    component.add("dtstart", written(row.start))
    if row.all_day:
        component.add("dtend", written(row.end + DAY))  # which is no part of it
    elif row.end > row.start:
        component.add("dtend", written(row.end))
    if row.recurrence_id is not None:
        component.add("recurrence-id", written(row.recurrence_id))
    if row.recurrence is None:
        return
    series = recurrence_of(row.start, row.all_day, row.time_zone, row.recurrence)
    if series.rule:
        component.add("rrule", icalendar.vRecur.from_ical(series.rule.text(all_day=row.all_day)))
    for name, dates in (("exdate", sorted(series.exdates)), ("rdate", series.rdates)):
        if dates:
            component.add(name, [written(each) for each in dates])


def _alarm(minutes: int, title: str) -> Any:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", dt.timedelta(minutes=-minutes))
    return alarm
