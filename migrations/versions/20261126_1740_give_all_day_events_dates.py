"""give all-day events dates, the last day included"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = 'd70f5a1c8e24'
down_revision = 'd7e2a84c1f60'
branch_labels = None
depends_on = None

DAY, TICK = dt.timedelta(days=1), dt.timedelta.resolution
INDEXES = {
    "ix_events_start_at_id_end_at": ["start_at", "id", "end_at"],
    "ix_events_type_start_at_id_end_at": ["type", "start_at", "id", "end_at"],
    "ix_events_status_start_at_id_end_at": ["status", "start_at", "id", "end_at"],
}

moment = sa.DateTime(timezone=True)
events = sa.table(
    "events",
    sa.column("id", sa.Integer),
    sa.column("start_at", moment),
    sa.column("end_at", moment),
    sa.column("all_day", sa.Boolean),
    sa.column("version", sa.Integer),
)
reminders = sa.table(
    "event_reminders",
    sa.column("event_id", sa.Integer),
    sa.column("minutes", sa.Integer),
    sa.column("due_at", moment),
    sa.column("sent_at", moment),
)


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, "events")
        op.create_index(f"{name}_all_day", "events", [*columns, "all_day"])
    _set_times(_with_dates)


def downgrade() -> None:
    _set_times(lambda start, end: (start, end + DAY))
    for name, columns in INDEXES.items():
        op.drop_index(f"{name}_all_day", "events")
        op.create_index(name, "events", columns)


def _with_dates(start: dt.datetime, end: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Midnight UTC of the first and the last day that a range of time meant.

    Whole days are as many days, wherever they begin: an end that was not given was set to a day
    later. Any other range means the days (UTC) that it touches.
    """
    first = _midnight(start)
    if end > start and (end - start) % DAY == dt.timedelta(0):
        return first, first + (end - start) - DAY
    return first, _midnight(max(start, end - TICK))


def _midnight(moment: dt.datetime) -> dt.datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _set_times(new_times) -> None:
    connection = op.get_bind()
    columns = (events.c.id, events.c.start_at, events.c.end_at)
    for id_, *times in connection.execute(sa.select(*columns).where(events.c.all_day)).all():
        start, end = (each.astimezone(dt.UTC) if each.tzinfo else each for each in times)
        new_start, new_end = new_times(start, end)
        if (new_start, new_end) == (start, end):
            continue
        connection.execute(
            sa.update(events)
            .where(events.c.id == id_)
            .values(start_at=new_start, end_at=new_end, version=events.c.version + 1)
        )
        if new_start != start:
            _move_reminders(connection, id_, new_start)


def _move_reminders(connection: sa.Connection, event_id: int, start: dt.datetime) -> None:
    to_come = (reminders.c.event_id == event_id) & reminders.c.sent_at.is_(None)
    for minutes in connection.scalars(sa.select(reminders.c.minutes).where(to_come)).all():
        connection.execute(
            sa.update(reminders)
            .where(to_come, reminders.c.minutes == minutes)
            .values(due_at=start - dt.timedelta(minutes=minutes))
        )
