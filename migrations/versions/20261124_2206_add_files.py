"""add files"""

import sqlalchemy as sa
from alembic import op

from halolight.core.db.counts import begin_counting, end_counting

revision = '3330c178fefd'
down_revision = 'bf5383718a26'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('blobs',
    sa.Column('checksum', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('mime_type', sa.String(length=100), nullable=False),
    sa.Column('has_thumbnail', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('checksum', name=op.f('pk_blobs'))
    )
    op.create_table('files',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('path', sa.String(length=600), nullable=False),
    sa.Column('type', sa.String(length=10), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('folder_id', sa.Integer(), nullable=True),
    sa.Column('checksum', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("type IN ('folder', 'image', 'video', 'audio', 'archive', 'document', 'other')", name=op.f('ck_files_type')),
    sa.ForeignKeyConstraint(['checksum'], ['blobs.checksum'], name=op.f('fk_files_checksum_blobs')),
    sa.ForeignKeyConstraint(['folder_id'], ['files.id'], name=op.f('fk_files_folder_id_files'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_files_owner_id_users'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_files')),
    sa.UniqueConstraint('owner_id', 'path', name=op.f('uq_files_owner_id_path'))
    )
    with op.batch_alter_table('files', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_files_checksum'), ['checksum'], unique=False)
        batch_op.create_index(batch_op.f('ix_files_created_at_id'), ['created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_files_folder_id_type'), ['folder_id', 'type'], unique=False)
        batch_op.create_index(batch_op.f('ix_files_name_id'), ['name', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_files_owner_id_folder_id_name_id'), ['owner_id', 'folder_id', 'name', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_files_owner_id_type_size'), ['owner_id', 'type', 'size'], unique=False)
        batch_op.create_index(batch_op.f('ix_files_size_id'), ['size', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_files_type_updated_at_id'), ['type', 'updated_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_files_updated_at_id'), ['updated_at', 'id'], unique=False)

    op.create_table('file_favorites',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['files.id'], name=op.f('fk_file_favorites_file_id_files'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_file_favorites_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'file_id', name=op.f('pk_file_favorites'))
    )
    with op.batch_alter_table('file_favorites', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_file_favorites_file_id'), ['file_id'], unique=False)

    op.create_table('file_shares',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('token_hash', sa.String(length=64), nullable=True),
    sa.Column('password_hash', sa.String(length=255), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('CASE WHEN user_id IS NULL THEN 0 ELSE 1 END + CASE WHEN team_id IS NULL THEN 0 ELSE 1 END + CASE WHEN token_hash IS NULL THEN 0 ELSE 1 END = 1', name=op.f('ck_file_shares_one_recipient')),
    sa.ForeignKeyConstraint(['file_id'], ['files.id'], name=op.f('fk_file_shares_file_id_files'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_file_shares_team_id_teams'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_file_shares_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_file_shares')),
    sa.UniqueConstraint('file_id', 'team_id', name=op.f('uq_file_shares_file_id_team_id')),
    sa.UniqueConstraint('file_id', 'user_id', name=op.f('uq_file_shares_file_id_user_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_file_shares_token_hash'))
    )
    with op.batch_alter_table('file_shares', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_file_shares_team_id_file_id'), ['team_id', 'file_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_file_shares_user_id_file_id'), ['user_id', 'file_id'], unique=False)

    begin_counting(op.get_bind(), "files")


def downgrade() -> None:
    end_counting(op.get_bind(), "files")
    with op.batch_alter_table('file_shares', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_file_shares_user_id_file_id'))
        batch_op.drop_index(batch_op.f('ix_file_shares_team_id_file_id'))

    op.drop_table('file_shares')
    with op.batch_alter_table('file_favorites', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_file_favorites_file_id'))

    op.drop_table('file_favorites')
    with op.batch_alter_table('files', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_files_updated_at_id'))
        batch_op.drop_index(batch_op.f('ix_files_type_updated_at_id'))
        batch_op.drop_index(batch_op.f('ix_files_size_id'))
        batch_op.drop_index(batch_op.f('ix_files_owner_id_type_size'))
        batch_op.drop_index(batch_op.f('ix_files_owner_id_folder_id_name_id'))
        batch_op.drop_index(batch_op.f('ix_files_name_id'))
        batch_op.drop_index(batch_op.f('ix_files_folder_id_type'))
        batch_op.drop_index(batch_op.f('ix_files_created_at_id'))
        batch_op.drop_index(batch_op.f('ix_files_checksum'))

    op.drop_table('files')
    op.drop_table('blobs')
