"""add series of events and feeds of calendars"""

import re

import sqlalchemy as sa
from alembic import op

revision = 'b81d6f20c9a4'
down_revision = 'e4a91c6d0b37'
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)
INDEXES = {
    "ix_events_start_at_id_end_at_all_day": ["start_at", "id", "end_at", "all_day"],
    "ix_events_type_start_at_id_end_at_all_day": ["type", "start_at", "id", "end_at", "all_day"],
    "ix_events_status_start_at_id_end_at_all_day": ["status", "start_at", "id", "end_at", "all_day"],
}
FEW = {  # indexes of the few rows for which a condition holds
    "ix_events_series": (["owner_id", "id"], "repeats", False),
    "ix_events_to_extend": (["extends_at"], "extends_at IS NOT NULL", False),
    "ix_events_changed_occurrences": (["series_id", "recurrence_id"], "series_id IS NOT NULL", True),
    "ix_events_imported": (["owner_id", "uid"], "uid IS NOT NULL", True),
}
COLUMNS = {
    "time_zone": (sa.String(length=64), {}),
    "recurrence": (sa.JSON(none_as_null=True), {}),
    "rule": (sa.String(length=500), {}),
    "repeats": (sa.Boolean(), {"server_default": sa.false(), "nullable": False}),
    "extends_at": (moment, {}),
    "recurrence_id": (moment, {}),
    "series_id": (sa.Integer(), {}),
    "uid": (sa.String(length=255), {}),
}
SERIES = "fk_events_series_id_events"
FOREIGN_KEY = f"CONSTRAINT {SERIES} FOREIGN KEY(series_id) REFERENCES events (id) ON DELETE CASCADE"
LAST = "CONSTRAINT pk_events "


def upgrade() -> None:
    for name, (kind, options) in COLUMNS.items():
        op.add_column("events", sa.Column(name, kind, **options))
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key(SERIES, "events", "events", ["series_id"], ["id"], ondelete="CASCADE")
    else:
        _make_anew("events", LAST, f"{FOREIGN_KEY}, \n\t{LAST}")
    for name, columns in INDEXES.items():
        op.drop_index(name, "events")
        op.create_index(f"{name}_repeats", "events", [*columns, "repeats"])
    for name, (columns, where, unique) in FEW.items():
        on_sqlite = sa.text(f"{where} = 1" if where == "repeats" else where)
        op.create_index(
            *(name, "events", columns),
            unique=unique,
            sqlite_where=on_sqlite,
            postgresql_where=sa.text(where),
        )
    op.create_table('event_occurrences',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('start_at', moment, nullable=False),
    sa.Column('end_at', moment, nullable=False),
    sa.Column('all_day', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_occurrences_event_id_events'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'start_at', name=op.f('pk_event_occurrences'))
    )
    op.create_table('calendar_feeds',
    sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', moment, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_calendar_feeds_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_calendar_feeds')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_feeds_token_hash'))
    )
    op.create_index(op.f('ix_event_occurrences_start_at_event_id_end_at_all_day'), 'event_occurrences', ['start_at', 'event_id', 'end_at', 'all_day'])


def downgrade() -> None:
    """A series stays as its first occurrence, and a changed occurrence as an event of its own."""
    op.drop_table('calendar_feeds')
    op.drop_table('event_occurrences')
    for name in FEW:
        op.drop_index(name, "events")
    for name, columns in INDEXES.items():
        op.drop_index(f"{name}_repeats", "events")
        op.create_index(name, "events", columns)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(SERIES, "events", type_="foreignkey")
    else:
        _make_anew("events", f"{FOREIGN_KEY}, \n\t", "")
    for name in COLUMNS:
        op.drop_column("events", name)


def _make_anew(table: str, old: str, new: str) -> None:
    """Change a definition as https://www.sqlite.org/lang_altertable.html tells, section 7.

    Foreign keys are off meanwhile (see env.py). Indexes and triggers are made again as they were.
    """
    connection = op.get_bind()
    master = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql <> ''")
    objects = connection.execute(master, {"table": table}).all()
    [definition] = [sql for kind, sql in objects if kind == "table"]
    made = re.sub(r'^CREATE TABLE "?\w+"?', f"CREATE TABLE new_{table}", definition)
    number = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    last = connection.scalar(number, {"table": table})
    op.execute("PRAGMA legacy_alter_table = ON")  # a rename changes nothing elsewhere
    op.execute(sa.text(_literal(made.replace(old, new))))
    op.execute(f"INSERT INTO new_{table} SELECT * FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
    op.execute("PRAGMA legacy_alter_table = OFF")
    if last is not None:
        op.execute(f"DELETE FROM sqlite_sequence WHERE name = '{table}'")
        op.execute(f"INSERT INTO sqlite_sequence VALUES ('{table}', {last})")
    for kind, sql in objects:
        if kind != "table":
            op.execute(sa.text(_literal(sql)))


def _literal(sql: str) -> str:
    """Without parameters: a colon in a definition begins none."""
    return sql.replace(":", r"\:")
