"""index the lists of owners in their order"""

from alembic import op

revision = 'e4a91c6d0b37'
down_revision = 'b94c1f7e20d3'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_events_owner_id_start_at_id', 'events', ['owner_id', 'start_at', 'id'])
    op.drop_index('ix_events_owner_id_id', table_name='events')
    op.create_index('ix_files_owner_id_updated_at_id', 'files', ['owner_id', 'updated_at', 'id'])


def downgrade() -> None:
    op.drop_index('ix_files_owner_id_updated_at_id', table_name='files')
    op.create_index('ix_events_owner_id_id', 'events', ['owner_id', 'id'])
    op.drop_index('ix_events_owner_id_start_at_id', table_name='events')
