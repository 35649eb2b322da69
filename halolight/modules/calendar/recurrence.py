"""When a series takes place: its rule, and its additional and cancelled dates.

A series repeats in its own time zone: a meeting at 9:00 stays at 9:00 across daylight saving time.
An all-day series repeats by date (see `times`). Computed times are in UTC.
"""

import dataclasses as dc
import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from halolight.core.errors import Invalid
from halolight.core.i18n import _
from halolight.core.threads import cooperate

from .keys import written
from .models import DAY, LATEST
from .rules import InvalidRule, Rule, read_rule

MAX_DATES = 500  # additional and cancelled dates of a series

# Which occurrences are stored: at most so many before and after now, within so many years.
MOST = 2_000
YEARS = {"DAILY": 5, "WEEKLY": 10, "MONTHLY": 20, "YEARLY": 50}
YEAR = 366 * DAY
ROUND = 500  # occurrences that are computed before other requests get their turn

Stored = Mapping[str, Any]  # as the API shows it: `rule`, `exdates`, `rdates`


class Expansion(NamedTuple):
    """The starts of occurrences, in their order, and from when on there should be more of them."""

    starts: Sequence[dt.datetime]
    extends_at: dt.datetime | None


@dc.dataclass(frozen=True)
class Recurrence:
    """When the event that starts at `start` (UTC) repeats. Moments are in UTC."""

    start: dt.datetime
    all_day: bool
    zone: dt.tzinfo
    rule: Rule | None
    exdates: frozenset[dt.datetime] = frozenset()
    rdates: tuple[dt.datetime, ...] = ()

    def local(self, moment: dt.datetime) -> dt.datetime:
        """By the clock of the event, without a zone."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def in_utc(self, local: dt.datetime) -> dt.datetime:
        """A skipped time has the offset before the change; an ambiguous one is the first."""
        if local == self._local_start:
            return self.start
        return local.replace(tzinfo=self.zone).astimezone(dt.UTC)

    @cached_property
    def _local_start(self) -> dt.datetime:
        return self.local(self.start)

    def check(self) -> None:
        """Raises `Invalid`, also of a rule that never occurs and one that the start is not of."""
        if self.rule is None:
            return
        if not self.rule.occurs(self._local_start):
            raise Invalid(_("This rule never occurs."), field="recurrence.rule")
        if not self.rule.begins(self._local_start):
            raise Invalid(
                _("The event has to start on an occurrence of its rule."), field="recurrence.rule"
            )

    def expand(self, now: dt.datetime) -> Expansion:
        """The occurrences around `now`, without those that are cancelled."""
        span = YEARS[self.rule.freq if self.rule else "YEARLY"] * YEAR
        horizon = min(max(now, self.start) + span, LATEST)
        ends = self.rule.until if self.rule and self.rule.until else now
        past: deque[dt.datetime] = deque(maxlen=MOST)
        to_come: list[dt.datetime] = []
        extends_at = None
        for number, moment in enumerate(self._starts(min(now, ends) - span, horizon)):
            if number % ROUND == 0:
                cooperate()
            if moment > horizon or len(to_come) == MOST:
                last = to_come[-1] if len(to_come) == MOST else horizon
                extends_at = now + (last - now) / 4
                break
            if moment not in self.exdates:
                (past if moment < now else to_come).append(moment)
        return Expansion(sorted({*past, *to_come}), extends_at)

    def _starts(self, since: dt.datetime, horizon: dt.datetime) -> Iterator[dt.datetime]:
        """The rule's occurrences with the further dates among them; some may come twice.

        Of the rule's occurrences those before `since` may be left out.
        """
        further = sorted({*self.rdates, *(() if self.rule else (self.start,))}, reverse=True)
        for moment in self.by_rule(since):
            while further and further[-1] <= moment:
                yield further.pop()
            yield moment
            if moment > horizon:
                return
        yield from reversed(further)

    def by_rule(self, since: dt.datetime) -> Iterator[dt.datetime]:
        """The occurrences that the rule alone has, the cancelled ones among them."""
        if self.rule is None:
            return
        until, start = self.rule.until, self._local_start
        earliest = max(self.local(since), start) if since > self.start else start
        for local in self.rule.local_starts(start, earliest):
            if local.year > LATEST.year:
                return
            moment = self.in_utc(local)
            if until and moment > until:
                return
            yield moment

    def first_by_rule(self) -> dt.datetime | None:
        """The first occurrence of the rule; None where there is no rule or it never occurs."""
        if self.rule is None or not self.rule.occurs(self._local_start):
            return None
        return next(self.by_rule(self.start), None)

    def parts(self, at: dt.datetime) -> tuple["Recurrence", "Recurrence"]:
        """What it is before a moment, and from it on. COUNT is divided, too."""
        last = at - (DAY if self.all_day else dt.timedelta(seconds=1))
        before = self._only(lambda each: each < at, self.start)
        after = self._only(lambda each: each >= at, at)
        if self.rule is None:
            return before, after
        ended = dc.replace(self.rule, count=None, until=last)
        for number, moment in enumerate(self.by_rule(self.start)):
            if moment >= at:
                count = self.rule.count - number if self.rule.count else None
                goes_on = dc.replace(self.rule, count=count)
                after = dc.replace(after, start=moment, rule=goes_on)
                break
        return dc.replace(before, rule=ended), after

    def _only(self, wanted: Callable[[dt.datetime], bool], start: dt.datetime) -> "Recurrence":
        """The dates that are wanted, without a rule."""
        exdates = frozenset(filter(wanted, self.exdates))
        rdates = tuple(each for each in self.rdates if wanted(each) and each != start)
        return dc.replace(self, start=start, rule=None, exdates=exdates, rdates=rdates)

    def stored(self) -> dict[str, Any]:
        """As the database keeps it, and as answers show it."""
        return {
            "rule": self.rule.text(all_day=self.all_day) if self.rule else None,
            "exdates": [written(each, all_day=self.all_day) for each in sorted(self.exdates)],
            "rdates": [written(each, all_day=self.all_day) for each in self.rdates],
        }


def recurrence_of(
    start: dt.datetime, all_day: bool, time_zone: str | None, stored: Stored
) -> Recurrence:
    """What is stored of a series, or what a client sent of it. Raises `Invalid`."""
    zone = ZoneInfo(time_zone) if time_zone and not all_day else dt.UTC
    text = stored.get("rule")
    try:
        rule = read_rule(text, all_day=all_day, zone=zone) if text else None
    except InvalidRule as error:
        raise Invalid(error.message, field="recurrence.rule") from None
    moments = {
        name: {_moment(each, all_day=all_day) for each in stored.get(name) or ()}
        for name in ("exdates", "rdates")
    }
    rdates = tuple(sorted(moments["rdates"] - {start}))
    return Recurrence(start, all_day, zone, rule, frozenset(moments["exdates"]), rdates)


def _moment(value: dt.datetime | str, *, all_day: bool) -> dt.datetime:
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    if all_day:
        return dt.datetime.combine(moment.date(), dt.time(), dt.UTC)
    return moment.astimezone(dt.UTC).replace(microsecond=0)
