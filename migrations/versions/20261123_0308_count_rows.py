"""count rows"""

import sqlalchemy as sa
from alembic import op

revision = '6b37194c7762'
down_revision = 'a5ffa35bba55'
branch_labels = None
depends_on = None

TABLES = ("users", "documents")

# The slot is that of the connection, so that two of them seldom wait for each other.
POSTGRESQL_FUNCTION = """
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint := 0;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM row_counts WHERE table_name = TG_TABLE_NAME;
        RETURN NULL;
    END IF;
    SELECT count(*) INTO change FROM changed;
    IF change = 0 THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        change := -change;
    END IF;
    INSERT INTO row_counts (table_name, slot, n)
    VALUES (TG_TABLE_NAME, pg_backend_pid() % 16, change)
    ON CONFLICT (table_name, slot) DO UPDATE SET n = row_counts.n + EXCLUDED.n;
    RETURN NULL;
END $$"""
POSTGRESQL_TRIGGERS = (
    """CREATE TRIGGER count_{table}_insert AFTER INSERT ON {table}
       REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_rows()""",
    """CREATE TRIGGER count_{table}_delete AFTER DELETE ON {table}
       REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_rows()""",
    """CREATE TRIGGER count_{table}_truncate AFTER TRUNCATE ON {table}
       FOR EACH STATEMENT EXECUTE FUNCTION count_rows()""",
)
SQLITE_TRIGGERS = (
    """CREATE TRIGGER count_{table}_insert AFTER INSERT ON {table} BEGIN
       UPDATE row_counts SET n = n + 1 WHERE table_name = '{table}'; END""",
    """CREATE TRIGGER count_{table}_delete AFTER DELETE ON {table} BEGIN
       UPDATE row_counts SET n = n - 1 WHERE table_name = '{table}'; END""",
)


def upgrade() -> None:
    op.create_table('row_counts',
    sa.Column('table_name', sa.String(length=63), nullable=False),
    sa.Column('slot', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('table_name', 'slot', name=op.f('pk_row_counts'))
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(POSTGRESQL_FUNCTION)
    for table in TABLES:
        op.execute(f"INSERT INTO row_counts SELECT '{table}', 0, count(*) FROM {table}")
        for trigger in POSTGRESQL_TRIGGERS if postgresql else SQLITE_TRIGGERS:
            op.execute(trigger.format(table=table))


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        on_table = f" ON {table}" if postgresql else ""
        op.execute(f"DROP TRIGGER count_{table}_insert{on_table}")
        op.execute(f"DROP TRIGGER count_{table}_delete{on_table}")
        if postgresql:
            op.execute(f"DROP TRIGGER count_{table}_truncate{on_table}")
    if postgresql:
        op.execute("DROP FUNCTION count_rows()")
    op.drop_table('row_counts')
