"""add the language of users"""

import sqlalchemy as sa
from alembic import op

revision = 'e2f6a9b40c73'
down_revision = 'd7e2b8c41f06'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('users', sa.Column('language', sa.String(length=2), nullable=True))


def downgrade() -> None:
    op.drop_column('users', 'language')
