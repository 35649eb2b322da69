"""give blobs storage keys"""

import sqlalchemy as sa
from alembic import op

revision = 'd7e2b8c41f06'
down_revision = '5f8e2a7c1d94'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is stored so far lies under its checksum."""
    op.add_column('blobs', sa.Column('storage_key', sa.String(length=64), nullable=True))
    op.execute('UPDATE blobs SET storage_key = checksum')
    with op.batch_alter_table('blobs', schema=None) as batch_op:
        batch_op.alter_column('storage_key', existing_type=sa.String(length=64), nullable=False)
        batch_op.create_index(batch_op.f('ix_blobs_storage_key'), ['storage_key'], unique=True)


def downgrade() -> None:
    """Files that were uploaded since lose their content: only the new code finds it."""
    with op.batch_alter_table('blobs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_blobs_storage_key'))
        batch_op.drop_column('storage_key')
