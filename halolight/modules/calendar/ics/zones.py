"""The time zones that an iCalendar file defines (RFC 5545, 3.6.5), within bounds.

dateutil evaluates their rules, as they are, for each time in them: a rule that occurs every second
or never would stop the worker.
"""

import datetime as dt
from typing import Any

import icalendar
from icalendar.timezone import tzp

from halolight.core.errors import Invalid
from halolight.core.i18n import _

from ..models import EARLIEST
from ..rules import InvalidRule, Rule, read_rule

MAX_PARTS = 300  # of all zones of a file: STANDARD and DAYLIGHT
LAST_YEAR = 2100  # of times in such a zone
MAX_YEARS = 20_000  # that the rules of all parts span together; one takes about 60 microseconds


def parse(content: bytes) -> Any:
    """The components of a file, whose zones must still be checked. Raises what the library does."""
    tzp.use_default()  # otherwise it keeps the zones of all files, and takes one for another's
    return icalendar.Calendar.from_ical(content)


def check_year(moment: dt.datetime) -> None:
    """Raises `Invalid` if the moment, in a zone of the file, is too late to evaluate its rules."""
    if moment.year > LAST_YEAR:
        years = {"first": EARLIEST.year, "last": LAST_YEAR}
        raise Invalid(
            _("Enter a time between the years {first} and {last}.", code="invalid_time", **years)
        )


def check(parsed: Any) -> None:
    """Raises `Invalid` where the zones would take long to evaluate."""
    parts = [part for zone in parsed.walk("VTIMEZONE") for part in zone.subcomponents]
    try:
        if len(parts) > MAX_PARTS or sum(map(_years, parts)) > MAX_YEARS:
            raise InvalidRule(_("The file defines too many time zones.", code="too_many"))
    except InvalidRule as error:
        raise Invalid(error.message, field="file") from None


def _years(part: Any) -> int:
    """How many years its rule spans; 0 without one. Raises `InvalidRule`."""
    if "rrule" not in part and "exrule" not in part:
        return 0
    try:
        return _span(part)
    except Exception:  # broken properties raise whatever the library does
        raise InvalidRule(
            _("The rules of time zones must occur once a year, in one month.")
        ) from None


def _span(part: Any) -> int:
    start: dt.datetime = part["dtstart"].dt.replace(tzinfo=None)
    rule = read_rule(part["rrule"].to_ical().decode(), all_day=False, zone=dt.UTC)
    if "exrule" in part or not _is_yearly(rule) or not rule.occurs(start):
        raise ValueError
    last = min(rule.until.year, LAST_YEAR) if rule.until else LAST_YEAR
    return max(0, last - start.year)


def _is_yearly(rule: Rule) -> bool:
    months = len(rule.by.get("BYMONTH", ()))
    days = bool(rule.weekdays) or "BYMONTHDAY" in rule.by
    known = rule.by.keys() <= {"BYMONTH", "BYMONTHDAY"}
    return rule.freq == "YEARLY" and known and (months == 1 or not (months or days))
