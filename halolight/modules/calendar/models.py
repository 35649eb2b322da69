"""The tables of events, and of who and what belongs to them."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.db.base import AUDIT_REDACT, Identified, Model, Timestamped, choices
from halolight.core.db.counts import Counted
from halolight.core.db.folding import folded, folded_text

TYPES = ("meeting", "task", "reminder", "holiday")
TASK = "task"
STATUSES = ("pending", "in_progress", "done")  # of a task
ANSWERS = ("pending", "accepted", "declined")  # of an attendee

DAY = dt.timedelta(days=1)
# The longest event there is. What overlaps a range so begins at most this long before it, which is
# what an index on the beginning needs to know.
LONGEST = dt.timedelta(days=366)
EARLIEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
WEST = dt.timedelta(hours=12)  # how long after midnight UTC it is midnight in the last zone


class Event(Identified, Timestamped, Counted, Model):
    """Something in somebody's calendar. `version` counts its changes, answers not among them.

    A timed event ends at the moment `end`, an all-day event with the day `end` (see `times`).
    """

    __tablename__ = "events"
    __table_args__ = (
        choices("type", *TYPES),
        choices("status", *STATUSES),
        sa.CheckConstraint("(type = 'task') = (status IS NOT NULL)", name="status_of_tasks"),
        sa.CheckConstraint("start_at <= end_at", name="start_before_end"),
        # In the order of the list, with what else a range asks for: what overlaps it is found in
        # the index alone.
        sa.Index(None, "start_at", "id", "end_at", "all_day"),
        sa.Index(None, "type", "start_at", "id", "end_at", "all_day"),
        sa.Index(None, "status", "start_at", "id", "end_at", "all_day"),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "title_key", "id"),
        sa.Index(None, "owner_id", "start_at", "id"),
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
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))

    __mapper_args__ = {"version_id_col": version}

    @property
    def over_at(self) -> dt.datetime:
        """When it is over for everybody: the last day of an all-day event ends last at UTC-12."""
        return self.end + DAY + WEST if self.all_day else self.end


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
        sa.Index(
            "ix_event_reminders_to_come",
            "due_at",
            sqlite_where=sa.text("sent_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL"),
        ),
    )

    event_id: Mapped[int] = mapped_column(
        sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    minutes: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_at: Mapped[dt.datetime] = mapped_column()
    sent_at: Mapped[dt.datetime | None] = mapped_column()
