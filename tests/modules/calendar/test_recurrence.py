"""Recurrence rules, held against RFC 5545's own examples and against another implementation."""

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from halolight.core.errors import Invalid
from halolight.modules.calendar.recurrence import Recurrence, recurrence_of
from halolight.modules.calendar.rules import WEEKDAYS

NEW_YORK = ZoneInfo("America/New_York")
BEGINNING = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOON = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)

# RFC 5545, 3.8.5.3: the rule, the day of the start (at nine, New York), and the first days.
EXAMPLES = (
    ("FREQ=DAILY;COUNT=10", "1997-09-02", "1997-09-02 1997-09-03 1997-09-04"),
    ("FREQ=DAILY;UNTIL=19971224T000000Z", "1997-09-02", "1997-09-02 1997-09-03"),
    ("FREQ=DAILY;INTERVAL=2", "1997-09-02", "1997-09-02 1997-09-04 1997-09-06"),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02", "1997-09-02 1997-09-12 1997-09-22 1997-10-02"),
    ("FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", "1998-01-01",
     "1998-01-01 1998-01-02"),
    ("FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", "1998-01-01", "1998-01-01 1998-01-02"),
    ("FREQ=WEEKLY;COUNT=10", "1997-09-02", "1997-09-02 1997-09-09 1997-09-16"),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02", "1997-09-02 1997-09-16 1997-09-30"),
    ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997-09-02", "1997-09-02 1997-09-04 1997-09-09"),
    ("FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", "1997-09-01",
     "1997-09-01 1997-09-03 1997-09-05 1997-09-15"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997-09-02",
     "1997-09-02 1997-09-04 1997-09-16 1997-09-18"),
    ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-05", "1997-09-05 1997-10-03 1997-11-07"),
    ("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07",
     "1997-09-07 1997-09-28 1997-11-02 1997-11-30"),
    ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22", "1997-09-22 1997-10-20 1997-11-17"),
    ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "1997-09-28 1997-10-29 1997-11-28"),
    ("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "1997-09-02", "1997-09-02 1997-09-15 1997-10-02"),
    ("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997-09-30", "1997-09-30 1997-10-01 1997-10-31"),
    ("FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997-09-10",
     "1997-09-10 1997-09-11"),
    ("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "1997-09-02", "1997-09-02 1997-09-09 1997-09-16"),
    ("FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997-06-10", "1997-06-10 1997-07-10 1998-06-10"),
    ("FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3", "1997-03-10",
     "1997-03-10 1999-01-10 1999-02-10"),
    ("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "1997-01-01",
     "1997-01-01 1997-04-10 1997-07-19 2000-01-01"),
    ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", "1997-05-12 1998-05-11 1999-05-17"),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13", "1997-03-13 1997-03-20 1997-03-27"),
    ("FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8", "1997-06-05", "1997-06-05 1997-06-12 1997-06-19"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1998-02-13", "1998-02-13 1998-03-13 1998-11-13"),
    ("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1997-09-13",
     "1997-09-13 1997-10-11 1997-11-08"),
    ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05",
     "1996-11-05 2000-11-07 2004-11-02"),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04",
     "1997-09-04 1997-10-07 1997-11-06"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29",
     "1997-09-29 1997-10-30 1997-11-27"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05",
     "1997-08-05 1997-08-10 1997-08-19 1997-08-24"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05",
     "1997-08-05 1997-08-17 1997-08-19 1997-08-31"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15",
     "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30"),
)  # fmt: skip


def at_nine(day: str, rule: str, zone: dt.tzinfo = NEW_YORK) -> Recurrence:
    start = dt.datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=zone)
    return recurrence_of(start.astimezone(dt.UTC), False, str(zone), {"rule": rule})


def test_rules_are_those_of_the_standard() -> None:
    wrong = {}
    for rule, day, expected in EXAMPLES:
        series = at_nine(day, rule)
        series.check()
        days = expected.split()
        starts = series.expand(series.start).starts[: len(days)]
        local = [start.astimezone(NEW_YORK) for start in starts]
        if [f"{each:%Y-%m-%d %H:%M}" for each in local] != [f"{day} 09:00" for day in days]:
            wrong[rule] = local

    assert wrong == {}


def test_twenty_minutes_of_the_standard() -> None:
    """Every 20 minutes from 9:00 to 16:40 every day."""
    series = at_nine("1997-09-02", "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40")

    starts = series.expand(series.start).starts[:25]

    times = [start.astimezone(NEW_YORK) for start in starts]
    assert [f"{times[n]:%d %H:%M}" for n in (0, 1, 23, 24)] == [
        *("02 09:00", "02 09:20", "02 16:40", "03 09:00"),
    ]


ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"),
    *("America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "America/Santiago"),
)
SEED, NUMBER = 20261126, 500


def random_rule(random: Random) -> str:
    """A rule as people and their programs write them, often with parts that narrow each other."""
    freq = random.choice(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
    parts = [f"FREQ={freq}"]
    if random.random() < 0.5:
        parts.append(f"INTERVAL={random.randint(1, 7)}")
    if random.random() < 0.3:
        parts.append(f"COUNT={random.randint(1, 60)}")
    elif random.random() < 0.4:
        until = dt.datetime(2026, 1, 1, 9, 30, tzinfo=dt.UTC) + dt.timedelta(
            hours=random.randint(0, 30_000)
        )
        parts.append(f"UNTIL={until:%Y%m%dT%H%M%SZ}")
    if random.random() < 0.3:
        parts.append(f"WKST={random.choice(WEEKDAYS)}")
    by = list(_random_parts(random, freq))
    if by and random.random() < 0.25 and not any("BYSETPOS" in part for part in by):
        by.append(f"BYSETPOS={random.choice((1, 2, -1))}")
    return ";".join([*parts, *by])


def _random_parts(random: Random, freq: str) -> Iterator[str]:
    def some(values: Any, most: int = 4) -> str:
        return ",".join(map(str, random.sample(list(values), random.randint(1, most))))

    if random.random() < 0.3:
        yield f"BYMONTH={some(range(1, 13))}"
    days = random.random()
    if days < 0.45:
        numbered = freq in {"MONTHLY", "YEARLY"} and random.random() < 0.5
        names = [f"{n}{day}" for n in (1, 2, 3, -1) for day in WEEKDAYS] if numbered else WEEKDAYS
        yield f"BYDAY={some(names)}"
    if 0.35 < days < 0.65 and freq != "WEEKLY":
        yield f"BYMONTHDAY={some([*range(1, 32), -1, -2])}"
    if days > 0.9 and freq == "YEARLY":
        yield f"BYYEARDAY={some([*range(1, 366), -1])}"
    if random.random() < 0.1:
        yield f"BYHOUR={some(range(24), 3)}"


def random_series(random: Random) -> Recurrence | None:
    """A series that starts on an occurrence of its rule; None where the rule never occurs."""
    zone, all_day = random.choice(ZONES), random.random() < 0.25
    local = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
        minutes=30 * random.randint(0, 48 * 300)
    )
    rule = random_rule(random)
    if all_day:
        rule = ";".join(part for part in rule.split(";") if not part.startswith("BYHOUR"))
        rule = rule.removesuffix(";BYSETPOS=1") if rule.count("BY") == 1 else rule
    zoned = dt.datetime.combine(local.date(), dt.time() if all_day else local.time())
    start = zoned.replace(tzinfo=dt.UTC if all_day else ZoneInfo(zone)).astimezone(dt.UTC)
    try:
        series = recurrence_of(start, all_day, zone, {"rule": rule})
        assert series.rule
        if not series.rule.occurs(series.local(start)):
            return None
        first = next(series.rule.local_starts(series.local(start), series.local(start)))
        start = series.in_utc(first)
        series = recurrence_of(start, all_day, zone, {"rule": rule})
        series.check()
    except Invalid:
        return None
    every_third = list(series.expand(NOON).starts[1:60:3])
    exdates = [each for each in every_third if random.random() < 0.2]
    further = [start + dt.timedelta(days=random.randint(1, 500)) for _ in range(2)]
    more = {"exdates": exdates, "rdates": further if random.random() < 0.3 else []}
    return recurrence_of(start, all_day, zone, {"rule": rule} | more)


def as_ical(series: Recurrence) -> icalendar.Calendar:
    """The series in the words of the other implementation."""

    def moment(at: dt.datetime) -> dt.date:
        return at.date() if series.all_day else at.astimezone(series.zone)

    event = icalendar.Event()
    event.add("uid", "one")
    event.add("dtstart", moment(series.start))
    assert series.rule
    text = series.rule.text(all_day=series.all_day)
    event.add("rrule", icalendar.vRecur.from_ical(text))
    if series.exdates:
        event.add("exdate", [moment(each) for each in sorted(series.exdates)])
    if series.rdates:
        event.add("rdate", [moment(each) for each in series.rdates])
    calendar = icalendar.Calendar()
    calendar.add_component(event)
    return calendar


@pytest.mark.slow
def test_random_series_are_as_another_implementation_says() -> None:
    random, compared, wrong = Random(SEED), 0, {}
    end = dt.datetime(2029, 6, 1, tzinfo=dt.UTC)
    while compared < NUMBER:
        series = random_series(random)
        if series is None:
            continue
        compared += 1
        found = recurring_ical_events.of(as_ical(series)).between(series.start, end)
        theirs = {each["dtstart"].dt for each in found}
        expansion = series.expand(NOON)
        ours = [start for start in expansion.starts if start < end]
        if series.all_day:
            mine: set[Any] = {start.date() for start in ours}
        else:
            theirs = {start.astimezone(dt.UTC) for start in theirs}
            mine = set(ours)
        if mine != theirs or len(ours) != len(mine):
            missing, extra = sorted(theirs - mine)[:3], sorted(mine - theirs)[:3]
            rule = series.stored()["rule"]
            wrong[f"{rule} {series.zone} {series.start}"] = (missing, extra)

    assert wrong == {}
