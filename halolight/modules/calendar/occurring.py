"""Reads of what takes place: events, and of a series its occurrences, found together."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from halolight.core.db.counts import row_count
from halolight.core.db.folding import sort_column
from halolight.core.db.listing import EVERYTHING, INDEXED, Listing, count_of, count_up_to
from halolight.core.db.paging import Condition, Order, PageWindow, Scope, Statement
from halolight.core.db.resource import CALLER, NOW
from halolight.core.schemas.base import snake
from halolight.extensions import db
from halolight.modules.teams.models import teams_of

from .models import DAY, LONGEST, TASK, Event, EventAttendee, EventOccurrence, EventTeam
from .queries import EVENT, EVENTS, FILTERS, SEARCH, event_columns

_Series = aliased(Event)
# The series among what is visible: looked for by themselves, because they are few.
_VISIBLE_SERIES = EventOccurrence.event_id.in_(
    sa.select(_Series.id)
    .where(_Series.owner_id == CALLER, _Series.repeats)
    .union(
        sa.select(_Series.id)
        .join(EventAttendee, EventAttendee.event_id == _Series.id)
        .where(EventAttendee.user_id == CALLER, _Series.repeats),
        sa.select(_Series.id)
        .join(EventTeam, EventTeam.event_id == _Series.id)
        .where(EventTeam.team_id.in_(teams_of(CALLER)), _Series.repeats),
    )
)


def _moment(name: str) -> sa.BindParameter[dt.datetime]:
    return sa.bindparam(name, type_=Event.start.type)


def _range(entity: Any) -> dict[str, Condition]:
    """What is under way at some time of the range, which its end is no part of.

    An event without length is a moment in it. An all-day event is compared by its dates with those
    of the range.
    """
    all_day, start, end = entity.all_day, entity.start, entity.end
    return {
        "start": sa.or_(all_day, end > _moment("start"), start == _moment("start")),
        "first": sa.or_(~all_day, end >= _moment("first")),
        "end": sa.or_(all_day, start < _moment("end")),
        "last": sa.or_(~all_day, start <= _moment("last")),
        # Follows from "end" and "last", and bounds what is read of the index.
        "latest": start <= _moment("latest"),
    }


_OF_EVENTS, _OF_OCCURRENCES = _range(Event), _range(EventOccurrence)
# Follows from "start" and "first" in the same way. Not for a set of ids: PostgreSQL would read
# everybody's events of that year instead.
_EARLIEST = {entity: entity.start >= _moment("earliest") for entity in (Event, EventOccurrence)}
# The conditions of a range that has both ends.
WITHIN = {
    Event: (*_OF_EVENTS.values(), _EARLIEST[Event]),
    EventOccurrence: (*_OF_OCCURRENCES.values(), _EARLIEST[EventOccurrence]),
}
# Of a list without a range: no end of occurrences.
_AROUND = {
    "since": EventOccurrence.start >= _moment("since"),
    "until": EventOccurrence.start < _moment("until"),
}
_NO_OCCURRENCE = sa.cast(sa.null(), Event.start.type)


def _both(
    of_events: Sequence[Condition], of_occurrences: Sequence[Condition]
) -> tuple[Statement, Statement]:
    """Events that are no series, and occurrences."""
    return _events().where(*of_events), _occurrences().where(*of_occurrences)


def _events(order: Any = Event.start) -> Statement:
    """Events that are no series, with what they are ordered by (see `Order.first`)."""
    return sa.select(
        Event.id,
        _NO_OCCURRENCE.label("at"),
        Event.start.label("start"),
        Event.end.label("end"),
        order.label("by_0"),
        Event.id.label("by_1"),
        Event.start.label("by_2"),
    ).where(~Event.repeats)


def _occurrences(order: Any = Event.start) -> Statement:
    by_start = order is Event.start
    occurrences = sa.select(
        EventOccurrence.event_id.label("id"),
        EventOccurrence.start.label("at"),
        EventOccurrence.start.label("start"),
        EventOccurrence.end.label("end"),
        (EventOccurrence.start if by_start else order).label("by_0"),
        EventOccurrence.event_id.label("by_1"),
        EventOccurrence.start.label("by_2"),
    )
    of_events = occurrences.join(Event, Event.id == EventOccurrence.event_id)
    return occurrences if by_start else of_events


def _shown(keys: sa.Subquery) -> sa.Select[*tuple[Any, ...]]:
    """The columns of what `_both` has found."""
    series_id = sa.case((keys.c.at.is_not(None), Event.id), else_=Event.series_id)
    recurrence_id = sa.func.coalesce(keys.c.at, Event.recurrence_id, type_=Event.start.type)
    columns = event_columns(keys.c.start, keys.c.end, series_id, recurrence_id)
    return columns.join(keys, keys.c.id == Event.id)


class OccurrenceListing(Listing):
    """A list that shows the occurrences of a series in its place."""

    def _make(
        self,
        scope: Scope,
        present: tuple[str, ...],
        sort_by: str,
        sort_order: str,
        window: PageWindow,
    ) -> tuple[Statement, sa.Select[int]]:
        everything = scope[0] is EVERYTHING
        within = EVERYTHING if everything else _VISIBLE_SERIES
        of_events = [self._filters[name] for name in present]
        by = sort_column(Event, snake(sort_by))
        occurrences = _occurrences(by).where(
            within, *(_OCCURRENCE_FILTERS[name] for name in present)
        )
        direction = sa.desc if sort_order == "desc" else sa.asc
        order = Order(Event, (by, Event.id), direction)
        events = [(_events(by).where(part, *of_events), part) for part in scope]
        if everything:  # in the order of indexes both, which the database merges
            firsts = [events[0][0], occurrences]
        else:
            firsts = [
                order.first(found, window, indexed=order.has_index(part)) for found, part in events
            ]
            firsts.append(order.first(occurrences, window, indexed=False))
        keys = order.merged(firsts, window).subquery("on_page")
        number: sa.ColumnElement[int]
        if {*present} - {*_AROUND}:
            filtered = [~Event.repeats, *of_events]
            number = count_up_to(Event, scope, filtered, window).scalar_subquery()
        elif everything:
            of_series = sa.select(sa.func.count()).where(Event.repeats).scalar_subquery()
            number = row_count(Event).scalar_subquery() - of_series
        else:
            number = count_of(Event, scope, ~Event.repeats).scalar_subquery()
        counted = sa.select(number + _number_of(occurrences))
        listed = _shown(keys).add_columns(counted.scalar_subquery().label("total"))
        return listed.order_by(*map(direction, (keys.c.by_0, keys.c.by_1, keys.c.by_2))), counted


def _number_of(select: sa.Select[Any]) -> sa.ScalarSelect[int]:
    return select.with_only_columns(sa.func.count(), maintain_column_froms=True).scalar_subquery()


_OCCURRENCE_FILTERS = {
    **_OF_OCCURRENCES,
    "earliest": _EARLIEST[EventOccurrence],
    **_AROUND,
    **{
        name: EventOccurrence.event_id.in_(
            sa.select(Event.id).where(Event.repeats, condition).correlate(None)
        )
        for name, condition in {
            **FILTERS,
            "search": SEARCH.literal,
            INDEXED: SEARCH.indexed,
        }.items()
    },
}
OCCURRENCE_LISTING = OccurrenceListing(
    db,
    Event,
    EVENT,
    {
        **_OF_EVENTS,
        "earliest": _EARLIEST[Event],
        **dict.fromkeys(_AROUND, EVERYTHING),
        **FILTERS,
        "search": SEARCH,
    },
)

_FEW = sa.bindparam("limit", type_=sa.Integer)


def _mine_between() -> sa.Select[*tuple[Any, ...]]:
    events, occurrences = _both(
        [EVENTS.seen, *_OF_EVENTS.values()], [_VISIBLE_SERIES, *_OF_OCCURRENCES.values()]
    )
    keys = sa.union_all(events, occurrences).subquery("both")
    order = (Event.all_day.desc(), keys.c.start, keys.c.id)
    return _shown(keys).order_by(*order).limit(_FEW)


MINE_BETWEEN = _mine_between()


def _next_end() -> Condition:
    """An occurrence that is not over. The last day of an all-day event ends a day after `end`."""
    end, all_day = EventOccurrence.end, EventOccurrence.all_day
    return sa.or_(end > NOW, sa.and_(all_day, end > _moment("yesterday")))


def _my_tasks() -> sa.Select[*tuple[Any, ...]]:
    """Those still to do first; of a series its next occurrence, or the series when it is over."""

    def next_(column: Any) -> Any:
        coming = (EventOccurrence.event_id == Event.id, _next_end())
        first = sa.select(sa.func.min(column)).where(*coming).correlate(Event).scalar_subquery()
        return sa.type_coerce(sa.case((Event.repeats, first)), Event.start.type)

    at, end = next_(EventOccurrence.start), next_(EventOccurrence.end)
    start = sa.func.coalesce(at, Event.start, type_=Event.start.type)
    columns = event_columns(
        start,
        sa.func.coalesce(end, Event.end, type_=Event.end.type),
        sa.case((at.is_not(None), Event.id), else_=Event.series_id),
        sa.func.coalesce(at, Event.recurrence_id, type_=Event.start.type),
    )
    order = (sa.case((Event.status == "done", 1), else_=0), start, Event.id)
    return columns.where(EVENTS.seen, Event.type == TASK).order_by(*order).limit(_FEW)


MY_TASKS = _my_tasks()


def _one_occurrence() -> sa.Select[*tuple[Any, ...]]:
    """An occurrence by its series and the start that it had: its own event if it was changed."""
    series_id, at = sa.bindparam("series_id", type_=sa.Integer), _moment("at")
    row = sa.and_(
        EventOccurrence.event_id == Event.id,
        EventOccurrence.event_id == series_id,
        EventOccurrence.start == at,
    )
    changed = sa.and_(Event.series_id == series_id, Event.recurrence_id == at)
    start, end = EventOccurrence.start, EventOccurrence.end
    columns = event_columns(
        sa.func.coalesce(start, Event.start, type_=Event.start.type),
        sa.func.coalesce(end, Event.end, type_=Event.end.type),
        sa.func.coalesce(Event.series_id, Event.id, type_=sa.Integer),
        sa.func.coalesce(start, Event.recurrence_id, type_=Event.start.type),
    )
    return (
        columns.add_columns(Event.version)
        .outerjoin(EventOccurrence, row)
        .where(sa.or_(Event.id == series_id, changed))
        .where(sa.or_(start.is_not(None), changed))
    )


_ONE = _one_occurrence()
# By the scope of the user.
OCCURRENCE = {scope: _ONE.where(scope) for scope in (EVERYTHING, EVENTS.seen)}


def bounded(query: Mapping[str, Any], *, reads_all: bool = False) -> dict[str, Any]:
    """The query, with the earliest and the latest start that an event of its range can have.

    The earliest only for users who see everything.
    """
    bounds = {}
    if "end" in query:
        bounds["latest"] = max(query["end"], query["last"])
    if "start" in query and reads_all:
        bounds["earliest"] = min(query["start"], query["first"]) - LONGEST
    return {**query, **bounds}


def around(now: dt.datetime) -> dict[str, dt.datetime]:
    """Which occurrences a list without a range shows: those of a year before and after."""
    return {"since": now - LONGEST, "until": now + LONGEST}


def task_params(now: dt.datetime) -> dict[str, dt.datetime]:
    return {"yesterday": now - DAY}
