"""The tables of events, and of who and what belongs to them."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.base import AUDIT_OMIT, AUDIT_REDACT, Identified, Model, Timestamped, choices
from halolight.core.db.counts import Counted
from halolight.core.db.folding import folded, folded_text
from halolight.core.search.column import searched

from .keys import EventKey

TYPES = ("meeting", "task", "reminder", "holiday")
TASK = "task"
SCOPES = ("this", "following", "all")  # of a change: which occurrences of a series
STATUSES = ("pending", "in_progress", "done")  # of a task
ANSWERS = ("pending", "accepted", "declined")  # of an attendee

DAY = dt.timedelta(days=1)
# The longest event there is. What overlaps a range so begins at most this long before it, which is
# what an index on the beginning needs to know.
LONGEST = dt.timedelta(days=366)
EARLIEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
WEST = dt.timedelta(hours=12)  # how long after midnight UTC it is midnight in the last zone


def _few(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    """An index of the few rows for which a condition holds."""
    # SQLite uses the index where a statement has this very condition, and knows no truth values.
    on_sqlite = sa.text(f"{where} = 1" if where == "repeats" else where)
    on_postgresql = sa.text(where)
    return sa.Index(
        name, *columns, unique=unique, sqlite_where=on_sqlite, postgresql_where=on_postgresql
    )


class Event(Identified, Timestamped, Counted, Model):
    """An event in a calendar. `version` counts its changes, except responses of attendees.

    A timed event ends at the moment `end`, an all-day event with the day `end` (see `times`).

    A series is an event with a `recurrence`; it `repeats`. Its occurrences are rows of
    `EventOccurrence`, except those that were changed: each of these is an event of its own, with
    the series as `series_id` and the start that it had as `recurrence_id`.
    """

    __tablename__ = "events"
    counted_by = ("owner_id",)
    __table_args__ = (
        choices("type", *TYPES),
        choices("status", *STATUSES),
        sa.CheckConstraint("(type = 'task') = (status IS NOT NULL)", name="status_of_tasks"),
        sa.CheckConstraint("start_at <= end_at", name="start_before_end"),
        # In the order of the list, with what else a range asks for: what overlaps it is found in
        # the index alone.
        sa.Index(None, "start_at", "id", "end_at", "all_day", "repeats"),
        sa.Index(None, "type", "start_at", "id", "end_at", "all_day", "repeats"),
        sa.Index(None, "status", "start_at", "id", "end_at", "all_day", "repeats"),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "title_key", "id"),
        sa.Index(None, "owner_id", "start_at", "id"),
        _few("ix_events_series", "owner_id", "id", where="repeats"),
        _few("ix_events_to_extend", "extends_at", where="extends_at IS NOT NULL"),
        _few(
            "ix_events_changed_occurrences",
            *("series_id", "recurrence_id"),
            where="series_id IS NOT NULL",
            unique=True,
        ),
        _few("ix_events_imported", "owner_id", "uid", where="uid IS NOT NULL", unique=True),
    )

    title: Mapped[str] = mapped_column(sa.String(200))
    title_key: Mapped[str] = folded("title", 400)
    description: Mapped[str | None] = mapped_column(sa.String(10_000), info=AUDIT_REDACT)
    description_key: Mapped[str | None] = folded_text("description")
    type: Mapped[str] = mapped_column(sa.String(10), default="meeting")
    start: Mapped[dt.datetime] = mapped_column("start_at")
    end: Mapped[dt.datetime] = mapped_column("end_at")
    all_day: Mapped[bool] = mapped_column(default=False)
    location: Mapped[str | None] = mapped_column(sa.String(500))
    location_key: Mapped[str | None] = folded_text("location")
    color: Mapped[str | None] = mapped_column(sa.String(30))
    status: Mapped[str | None] = mapped_column(sa.String(11))
    version: Mapped[int] = mapped_column()
    time_zone: Mapped[str | None] = mapped_column(sa.String(64))
    recurrence: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    # The rule of its recurrence, or of its series: what occurrences show of the recurrence.
    rule: Mapped[str | None] = mapped_column(sa.String(500), info=AUDIT_OMIT)
    # Whether it has a recurrence, where the index shows it.
    repeats: Mapped[bool] = mapped_column(default=False, server_default=sa.false(), info=AUDIT_OMIT)
    # When its further occurrences have to be computed; null when there are no more.
    extends_at: Mapped[dt.datetime | None] = mapped_column(info=AUDIT_OMIT)
    series_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("events.id", ondelete="CASCADE"), info=AUDIT_OMIT
    )
    recurrence_id: Mapped[dt.datetime | None] = mapped_column(info=AUDIT_OMIT)
    # What another calendar calls it, from which it was imported (RFC 5545, 3.8.4.7).
    uid: Mapped[str | None] = mapped_column(sa.String(255), info=AUDIT_OMIT)
    search_key: Mapped[str | None] = searched(names=("title",), texts=("description", "location"))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def key(self) -> EventKey:
        """What the API calls it."""
        if self.series_id is None:
            return EventKey(self.id)
        return EventKey(self.series_id, self.recurrence_id)

    @property
    def over_at(self) -> dt.datetime:
        """When it is over for everybody: the last day of an all-day event ends last at UTC-12."""
        return self.end + DAY + WEST if self.all_day else self.end


class EventOccurrence(Model):
    """An unchanged occurrence of a series, within the years that lists show."""

    __tablename__ = "event_occurrences"
    __table_args__ = (sa.Index(None, "start_at", "event_id", "end_at", "all_day"),)

    event_id: Mapped[int] = mapped_column(
        sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    start: Mapped[dt.datetime] = mapped_column("start_at", primary_key=True)
    end: Mapped[dt.datetime] = mapped_column("end_at")
    all_day: Mapped[bool] = mapped_column()  # as its series


class EventAttendee(Model):
    """The invitation of a user to an event, with their answer."""

    __tablename__ = "event_attendees"
    __table_args__ = (choices("status", *ANSWERS), sa.Index(None, "user_id", "event_id"))

    event_id: Mapped[int] = mapped_column(
        sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    status: Mapped[str] = mapped_column(sa.String(10), default="pending")


class EventTeam(Model):
    """That the members of a team see an event."""

    __tablename__ = "event_teams"
    __table_args__ = (sa.Index(None, "team_id", "event_id"),)

    event_id: Mapped[int] = mapped_column(
        sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    team_id: Mapped[int] = mapped_column(
        sa.ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True
    )


class EventReminder(Model):
    """A reminder some minutes before an event. `sent_at` is set exactly once."""

    __tablename__ = "event_reminders"
    __table_args__ = (
        # Those to come alone: they are looked for often, and the others are most.
        _few("ix_event_reminders_to_come", "due_at", where="sent_at IS NULL"),
    )

    event_id: Mapped[int] = mapped_column(
        sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    minutes: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_at: Mapped[dt.datetime] = mapped_column()
    sent_at: Mapped[dt.datetime | None] = mapped_column()


class CalendarFeed(Model):
    """The feed of a user's calendar. Its secret URL contains a random token."""

    __tablename__ = "calendar_feeds"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True, info=AUDIT_OMIT)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
