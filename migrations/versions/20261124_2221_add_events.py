"""add events"""

import sqlalchemy as sa
from alembic import op

from halolight.core.db.counts import begin_counting, end_counting

revision = 'a644f98bbb25'
down_revision = '63a496bde635'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('description', sa.String(length=10000), nullable=True),
    sa.Column('type', sa.String(length=10), nullable=False),
    sa.Column('start_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('end_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('all_day', sa.Boolean(), nullable=False),
    sa.Column('location', sa.String(length=500), nullable=True),
    sa.Column('color', sa.String(length=30), nullable=True),
    sa.Column('status', sa.String(length=11), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(type = 'task') = (status IS NOT NULL)", name=op.f('ck_events_status_of_tasks')),
    sa.CheckConstraint("status IN ('pending', 'in_progress', 'done')", name=op.f('ck_events_status')),
    sa.CheckConstraint("type IN ('meeting', 'task', 'reminder', 'holiday')", name=op.f('ck_events_type')),
    sa.CheckConstraint('start_at <= end_at', name=op.f('ck_events_start_before_end')),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_events_owner_id_users'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events'))
    )
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_events_created_at_id'), ['created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_owner_id_id'), ['owner_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_start_at_id_end_at'), ['start_at', 'id', 'end_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_status_start_at_id_end_at'), ['status', 'start_at', 'id', 'end_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_title_id'), ['title', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_type_start_at_id_end_at'), ['type', 'start_at', 'id', 'end_at'], unique=False)

    op.create_table('event_attendees',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.CheckConstraint("status IN ('pending', 'accepted', 'declined')", name=op.f('ck_event_attendees_status')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_attendees_event_id_events'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_event_attendees_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'user_id', name=op.f('pk_event_attendees'))
    )
    with op.batch_alter_table('event_attendees', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_attendees_user_id_event_id'), ['user_id', 'event_id'], unique=False)

    op.create_table('event_reminders',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_reminders_event_id_events'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'minutes', name=op.f('pk_event_reminders'))
    )
    with op.batch_alter_table('event_reminders', schema=None) as batch_op:
        batch_op.create_index('ix_event_reminders_to_come', ['due_at'], unique=False, sqlite_where=sa.text('sent_at IS NULL'), postgresql_where=sa.text('sent_at IS NULL'))

    op.create_table('event_teams',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_teams_event_id_events'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_event_teams_team_id_teams'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'team_id', name=op.f('pk_event_teams'))
    )
    with op.batch_alter_table('event_teams', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_teams_team_id_event_id'), ['team_id', 'event_id'], unique=False)

    begin_counting(op.get_bind(), "events")


def downgrade() -> None:
    end_counting(op.get_bind(), "events")
    with op.batch_alter_table('event_teams', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_event_teams_team_id_event_id'))

    op.drop_table('event_teams')
    with op.batch_alter_table('event_reminders', schema=None) as batch_op:
        batch_op.drop_index('ix_event_reminders_to_come', sqlite_where=sa.text('sent_at IS NULL'), postgresql_where=sa.text('sent_at IS NULL'))

    op.drop_table('event_reminders')
    with op.batch_alter_table('event_attendees', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_event_attendees_user_id_event_id'))

    op.drop_table('event_attendees')
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_events_type_start_at_id_end_at'))
        batch_op.drop_index(batch_op.f('ix_events_title_id'))
        batch_op.drop_index(batch_op.f('ix_events_status_start_at_id_end_at'))
        batch_op.drop_index(batch_op.f('ix_events_start_at_id_end_at'))
        batch_op.drop_index(batch_op.f('ix_events_owner_id_id'))
        batch_op.drop_index(batch_op.f('ix_events_created_at_id'))

    op.drop_table('events')
