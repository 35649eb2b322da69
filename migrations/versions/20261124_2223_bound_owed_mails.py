"""bound owed mails"""

import sqlalchemy as sa
from alembic import op

revision = '4c783753e071'
down_revision = 'e9ae6da14624'
branch_labels = None
depends_on = None

UNREAD = sa.text('read_at IS NULL')


def upgrade() -> None:
    with op.batch_alter_table('notifications', schema=None) as batch_op:
        batch_op.drop_index('ix_notifications_unread')
        batch_op.create_index('ix_notifications_unread', ['user_id', 'created_at', 'id'], unique=False, sqlite_where=UNREAD, postgresql_where=UNREAD)

    op.add_column('outgoing_mails', sa.Column('key', sa.String(length=64), nullable=True))
    # What is owed already stays owed, each once.
    op.execute("UPDATE outgoing_mails SET key = 'before ' || id")
    with op.batch_alter_table('outgoing_mails', schema=None) as batch_op:
        batch_op.alter_column('key', existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_outgoing_mails_key'), ['key'])


def downgrade() -> None:
    with op.batch_alter_table('outgoing_mails', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_outgoing_mails_key'), type_='unique')
        batch_op.drop_column('key')

    with op.batch_alter_table('notifications', schema=None) as batch_op:
        batch_op.drop_index('ix_notifications_unread')
        batch_op.create_index('ix_notifications_unread', ['user_id'], unique=False, sqlite_where=UNREAD, postgresql_where=UNREAD)
