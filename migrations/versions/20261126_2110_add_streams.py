"""add streams"""

import sqlalchemy as sa
from alembic import op

revision = 'b94c1f7e20d3'
down_revision = 'b3a9c5e17d42'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('stream_positions',
    sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.BigInteger(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_stream_positions'))
    )
    op.create_table('stream_entries',
    sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('user_id', 'number', name=op.f('pk_stream_entries'))
    )
    op.create_table('stream_tickets',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_stream_tickets_session_id_sessions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_stream_tickets'))
    )
    with op.batch_alter_table('stream_tickets', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stream_tickets_session_id'), ['session_id'], unique=False)


def downgrade() -> None:
    op.drop_table('stream_tickets')
    op.drop_table('stream_entries')
    op.drop_table('stream_positions')
