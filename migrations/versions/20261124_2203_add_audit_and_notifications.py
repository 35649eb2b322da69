"""add audit and notifications"""

import sqlalchemy as sa
from alembic import op

from halolight.core.db.counts import begin_counting, end_counting

revision = 'bf5383718a26'
down_revision = '6b37194c7762'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=100), nullable=True),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('target_type', sa.String(length=50), nullable=False),
    sa.Column('target_id', sa.String(length=50), nullable=True),
    sa.Column('target_name', sa.String(length=255), nullable=True),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=True),
    sa.Column('user_agent', sa.String(length=255), nullable=True),
    sa.Column('request_id', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entries_action_created_at_id'), ['action', 'created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_actor_id_created_at_id'), ['actor_id', 'created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_created_at_id'), ['created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_target_id_created_at_id'), ['target_id', 'created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entries_target_type_created_at_id'), ['target_type', 'created_at', 'id'], unique=False)

    op.create_table('notifications',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('content', sa.String(length=2000), nullable=False),
    sa.Column('link', sa.String(length=500), nullable=True),
    sa.Column('sender_id', sa.Integer(), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("type IN ('system', 'user', 'message', 'task', 'alert')", name=op.f('ck_notifications_type')),
    sa.ForeignKeyConstraint(['sender_id'], ['users.id'], name=op.f('fk_notifications_sender_id_users'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notifications_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications'))
    )
    with op.batch_alter_table('notifications', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notifications_sender_id'), ['sender_id'], unique=False)
        batch_op.create_index('ix_notifications_unread', ['user_id'], unique=False, sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_notifications_user_id_created_at_id'), ['user_id', 'created_at', 'id'], unique=False)

    begin_counting(op.get_bind(), "audit_entries")


def downgrade() -> None:
    end_counting(op.get_bind(), "audit_entries")
    with op.batch_alter_table('notifications', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notifications_user_id_created_at_id'))
        batch_op.drop_index('ix_notifications_unread', sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_notifications_sender_id'))

    op.drop_table('notifications')
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entries_target_type_created_at_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_target_id_created_at_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_created_at_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_actor_id_created_at_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entries_action_created_at_id'))

    op.drop_table('audit_entries')
