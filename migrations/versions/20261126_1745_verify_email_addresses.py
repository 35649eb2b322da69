"""verify email addresses, and count attempts by kind"""

import sqlalchemy as sa
from alembic import op

revision = '5f8e2a7c1d94'
down_revision = 'd70f5a1c8e24'
branch_labels = None
depends_on = None

PENDING = sa.text('pending_email IS NOT NULL')


def upgrade() -> None:
    op.add_column('users', sa.Column('email_verified_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('users', sa.Column('pending_email', sa.String(length=255), nullable=True))
    op.create_index('ix_users_pending_email', 'users', ['pending_email'], unique=False, sqlite_where=PENDING, postgresql_where=PENDING)
    # Who could sign in until now can go on.
    op.execute("UPDATE users SET email_verified_at = created_at")
    op.create_table('email_verifications',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_email_verifications_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_email_verifications')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_email_verifications_token_hash'))
    )

    op.execute("DELETE FROM login_attempts")  # they count for minutes
    op.drop_index(op.f('ix_login_attempts_created_at'), table_name='login_attempts')
    op.add_column('login_attempts', sa.Column('kind', sa.String(length=20), nullable=False))
    op.add_column('login_attempts', sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False))
    op.create_index(op.f('ix_login_attempts_expires_at'), 'login_attempts', ['expires_at'], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM login_attempts")
    op.drop_index(op.f('ix_login_attempts_expires_at'), table_name='login_attempts')
    op.drop_column('login_attempts', 'expires_at')
    op.drop_column('login_attempts', 'kind')
    op.create_index(op.f('ix_login_attempts_created_at'), 'login_attempts', ['created_at'], unique=False)

    op.drop_table('email_verifications')
    op.drop_index('ix_users_pending_email', table_name='users')
    op.drop_column('users', 'pending_email')
    op.drop_column('users', 'email_verified_at')
