"""Recurrence rules (RFC 5545, 3.3.10): reading and checking them. python-dateutil evaluates them.

A rule that has been read is bounded: dateutil looks for the next occurrence until the year 9999 if
there is none, so a rule that never occurs is refused, and so are values that cost much.
"""

import dataclasses as dc
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dateutil import rrule

from halolight.core.i18n import Message, _

MAX_RULE = 500  # characters
MAX_INTERVAL = 999
MAX_COUNT = 10_000
MAX_TIMES = 48  # occurrences in one day

FREQUENCIES: dict[str, Any] = {
    "YEARLY": rrule.YEARLY,
    "MONTHLY": rrule.MONTHLY,
    "WEEKLY": rrule.WEEKLY,
    "DAILY": rrule.DAILY,
}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DATEUTIL_WEEKDAYS = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)


@dc.dataclass(frozen=True)
class Part:
    """A BYxxx part: its values, whether they count from the end, too, and where it may stand."""

    keyword: str  # of dateutil
    least: int
    most: int
    number: int  # of values
    signed: bool = False
    frequencies: tuple[str, ...] = tuple(FREQUENCIES)


PARTS = {
    "BYMONTH": Part("bymonth", 1, 12, 12),
    "BYWEEKNO": Part("byweekno", 1, 53, 20, True, ("YEARLY",)),
    "BYYEARDAY": Part("byyearday", 1, 366, 20, True, ("YEARLY",)),
    "BYMONTHDAY": Part("bymonthday", 1, 31, 31, True, ("YEARLY", "MONTHLY", "DAILY")),
    "BYHOUR": Part("byhour", 0, 23, 24),
    "BYMINUTE": Part("byminute", 0, 59, 48),
    "BYSECOND": Part("bysecond", 0, 59, 48),
    "BYSETPOS": Part("bysetpos", 1, 366, 10, True),
}
MAX_WEEKDAYS = 20
WEEKS_OF_MONTH, WEEKS_OF_YEAR = 5, 53
TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
DAYS = ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY")
ORDER = ("FREQ", "INTERVAL", "COUNT", "UNTIL", *PARTS, "BYDAY", "WKST")

# In any 41 years of which none is a common century there is every kind of year: seven first
# weekdays, leap or not. What does not occur in the last ones does not occur at all.
ALL_KINDS = 41
LAST_YEAR = dt.MAXYEAR

_NUMBER = re.compile(r"[+-]?[0-9]{1,5}")
_WEEKDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")

Weekday = tuple[int, int]  # from Monday, 0; and which of its kind, or 0


class InvalidRule(ValueError):
    """What is wrong with a rule, for the client."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dc.dataclass(frozen=True)
class Rule:
    """A rule as it was sent. `until` is a moment in UTC; of an all-day event midnight of a date."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: dt.datetime | None = None
    by: Mapping[str, tuple[int, ...]] = dc.field(default_factory=dict)
    weekdays: tuple[Weekday, ...] = ()
    wkst: int = 0

    def text(self, *, all_day: bool) -> str:
        """The rule as RFC 5545 writes it."""
        values = {name: ",".join(map(str, numbers)) for name, numbers in self.by.items()}
        values["FREQ"] = self.freq
        if self.interval > 1:
            values["INTERVAL"] = str(self.interval)
        if self.count:
            values["COUNT"] = str(self.count)
        if self.until:
            values["UNTIL"] = self.until.strftime("%Y%m%d" if all_day else "%Y%m%dT%H%M%SZ")
        if self.weekdays:
            values["BYDAY"] = ",".join(f"{n or ''}{WEEKDAYS[day]}" for day, n in self.weekdays)
        if self.wkst:
            values["WKST"] = WEEKDAYS[self.wkst]
        return ";".join(f"{name}={values[name]}" for name in ORDER if name in values)

    def local_starts(self, start: dt.datetime, since: dt.datetime) -> Iterator[dt.datetime]:
        """All occurrences by the clock of the event, at least those not before `since`.

        They go on beyond `until`: where it lies by that clock, the caller knows.
        """
        begin = start if self.count else self._whole_intervals(start, since)
        for moment in self._rrule(start, begin, self.count):
            if moment >= start:
                yield moment

    def begins(self, start: dt.datetime) -> bool:
        """Whether `start`, by the clock of the event, is the first occurrence."""
        return next(iter(self._rrule(start, start, 1)), None) == start

    def occurs(self, start: dt.datetime) -> bool:
        """Whether it ever occurs: searched in the last years of `datetime`, where it ends."""
        years = ALL_KINDS * self.interval
        late = start.replace(year=max(LAST_YEAR - years, start.year), month=1, day=1)
        begin = self._whole_intervals(start, late)
        return next(iter(self._rrule(start, begin, 1)), None) is not None

    def _whole_intervals(self, start: dt.datetime, towards: dt.datetime) -> dt.datetime:
        """From where dateutil finds the same occurrences: whole intervals after the start."""
        if towards <= start:
            return start
        if self.freq in {"YEARLY", "MONTHLY"}:
            size = self.interval * (12 if self.freq == "YEARLY" else 1)
            months = 12 * (towards.year - start.year) + towards.month - start.month
            month = 12 * start.year + start.month - 1 + months // size * size
            begin = start.replace(year=month // 12, month=month % 12 + 1, day=1)
        else:
            days = self.interval * (7 if self.freq == "WEEKLY" else 1)
            begin = start + dt.timedelta(days=(towards - start).days // days * days)
            if self.freq == "WEEKLY":  # the whole week, of which BYSETPOS counts
                begin -= dt.timedelta(days=(begin.weekday() - self.wkst) % 7)
        return max(begin, start)

    def _rrule(self, start: dt.datetime, begin: dt.datetime, count: int | None) -> rrule.rrule:
        """What the start says of the occurrences is written out: `begin` may say something else."""
        by: dict[str, Any] = {PARTS[name].keyword: values for name, values in self.by.items()}
        if self.weekdays:
            by["byweekday"] = [
                _DATEUTIL_WEEKDAYS[day](n) if n else _DATEUTIL_WEEKDAYS[day]
                for day, n in self.weekdays
            ]
        elif not any(name in self.by for name in DAYS):
            by |= _days_of(self.freq, start, by)
        return rrule.rrule(
            FREQUENCIES[self.freq],
            dtstart=begin,
            interval=self.interval,
            wkst=self.wkst,
            count=count,
            **by,
        )


def _days_of(freq: str, start: dt.datetime, by: Mapping[str, Any]) -> dict[str, Any]:
    """The parts that a rule without days takes from the start (RFC 5545, 3.3.10)."""
    if freq == "WEEKLY":
        return {"byweekday": start.weekday()}
    if freq == "MONTHLY":
        return {"bymonthday": start.day}
    if freq == "YEARLY":
        return {"bymonth": start.month, "bymonthday": start.day, **by}
    return {}


def read_rule(text: str, *, all_day: bool, zone: dt.tzinfo) -> Rule:
    """The rule that a text means for an event in this zone. Raises `InvalidRule`."""
    if len(text) > MAX_RULE:
        raise InvalidRule(
            _("A rule can have at most {max} characters.", code="too_long", max=MAX_RULE)
        )
    given = _named_parts(text.upper().removeprefix("RRULE:").strip().removesuffix(";"))
    freq = given.get("FREQ", "")
    if freq not in FREQUENCIES:
        raise InvalidRule(_("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY."))
    if "COUNT" in given and "UNTIL" in given:
        raise InvalidRule(_("Use COUNT or UNTIL, not both."))
    by = {name: _numbers(name, given[name]) for name in PARTS if name in given}
    rule = Rule(
        freq,
        _number("INTERVAL", given.get("INTERVAL", "1"), 1, MAX_INTERVAL),
        _number("COUNT", given["COUNT"], 1, MAX_COUNT) if "COUNT" in given else None,
        _until(given["UNTIL"], all_day, zone) if "UNTIL" in given else None,
        by,
        _weekdays(given["BYDAY"]) if "BYDAY" in given else (),
        _week_start(given.get("WKST", "MO")),
    )
    _check(rule, all_day=all_day)
    return rule


def _named_parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, separator, value = part.partition("=")
        if name not in ORDER or not separator or not value:
            raise InvalidRule(_("“{part}” is not part of a rule.", part=part[:30]))
        if name in parts:
            raise InvalidRule(_("{name} appears twice.", name=name))
        parts[name] = value
    return parts


def _check(rule: Rule, *, all_day: bool) -> None:
    """The rules of RFC 5545 about which parts stand together, and ours about how much they cost."""
    for name in rule.by:
        if rule.freq not in PARTS[name].frequencies:
            raise InvalidRule(
                _("{name} cannot be used with FREQ={freq}.", name=name, freq=rule.freq)
            )
    if all_day and any(name in rule.by for name in TIMES):
        raise InvalidRule(_("The rule of an all-day event cannot have hours, minutes or seconds."))
    numbered = rule.freq in {"MONTHLY", "YEARLY"} and "BYWEEKNO" not in rule.by
    if any(n for _, n in rule.weekdays) and not numbered:
        raise InvalidRule(
            _("BYDAY can have numbers only with MONTHLY or YEARLY, and without BYWEEKNO.")
        )
    in_months = rule.freq == "MONTHLY" or "BYMONTH" in rule.by
    if in_months and any(abs(n) > WEEKS_OF_MONTH for _, n in rule.weekdays):
        raise InvalidRule(
            _("With MONTHLY, the numbers in BYDAY can be at most {max}.", max=WEEKS_OF_MONTH)
        )
    if "BYSETPOS" in rule.by and len(rule.by) == 1 and not rule.weekdays:
        raise InvalidRule(_("BYSETPOS needs another BY part."))
    times = 1
    for name in TIMES:
        times *= len(rule.by.get(name, (0,)))
    if times > MAX_TIMES:
        raise InvalidRule(_("A rule can have at most {max} occurrences a day.", max=MAX_TIMES))


def _numbers(name: str, text: str) -> tuple[int, ...]:
    part = PARTS[name]
    texts = text.split(",")
    if len(texts) > part.number:
        raise InvalidRule(_("{name} can have at most {max} values.", name=name, max=part.number))
    return tuple(
        dict.fromkeys(_number(name, each, part.least, part.most, part.signed) for each in texts)
    )


def _number(name: str, text: str, least: int, most: int, signed: bool = False) -> int:
    number = int(text) if _NUMBER.fullmatch(text) else None
    if number is None or not least <= (abs(number) if signed else number) <= most:
        values: dict[str, Any] = {"name": name, "least": least, "most": most}
        raise InvalidRule(
            _("{name} must be from {least} to {most}, or from -{most} to -{least}.", **values)
            if signed
            else _("{name} must be from {least} to {most}.", **values)
        )
    return number


def _weekdays(text: str) -> tuple[Weekday, ...]:
    texts = text.split(",")
    if len(texts) > MAX_WEEKDAYS:
        many = _("{name} can have at most {max} values.", name="BYDAY", max=MAX_WEEKDAYS)
        raise InvalidRule(many)
    found = []
    for each in texts:
        match = _WEEKDAY.fullmatch(each)
        number = int(match[1] or 0) if match else 0
        if match is None or abs(number) > WEEKS_OF_YEAR or (match[1] and not number):
            raise InvalidRule(_("BYDAY must be weekdays, like MO, 1MO or -1FR."))
        found.append((WEEKDAYS.index(match[2]), number))
    return tuple(dict.fromkeys(found))


def _week_start(text: str) -> int:
    if text not in WEEKDAYS:
        raise InvalidRule(_("WKST must be a weekday, like MO."))
    return WEEKDAYS.index(text)


def _until(text: str, all_day: bool, zone: dt.tzinfo) -> dt.datetime:
    """The last moment in UTC; a date includes its whole day in the zone of the event."""
    match = _UNTIL.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        date = dt.datetime.combine(dt.date.fromisoformat(match[1]), dt.time())
        if all_day:
            return date.replace(tzinfo=dt.UTC)
        time = dt.time.fromisoformat(match[2] or "235959")
        moment = dt.datetime.combine(date, time, dt.UTC if match[3] else zone)
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise InvalidRule(
            _("UNTIL must be a date or a time, like 20301231T235959Z.", code="invalid_time")
        ) from None
