"""give sessions random keys, and no id twice on SQLite"""

import re

import sqlalchemy as sa
from alembic import op

revision = 'c1d4f0a93b57'
down_revision = '4c783753e071'
branch_labels = None
depends_on = None

TABLES = (
    "users", "sessions", "login_attempts", "outgoing_mails", "teams", "documents",
    "document_shares", "files", "file_shares", "conversations", "messages", "notifications",
    "events", "products", "orders", "order_items", "audit_entries",
)  # fmt: skip
PLAIN, AUTOINCREMENT = "PRIMARY KEY (id)", "PRIMARY KEY (id AUTOINCREMENT)"


def upgrade() -> None:
    _forget_sign_ins()
    op.add_column('sessions', sa.Column('key', sa.String(length=32), nullable=False))
    if op.get_bind().dialect.name == "sqlite":
        named = _highest_id_in_the_audit_trail()
        for table in TABLES:
            _make_anew(table, PLAIN, AUTOINCREMENT)
            _begin_after(table, named)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            _make_anew(table, AUTOINCREMENT, PLAIN)
    _forget_sign_ins()
    op.drop_column('sessions', 'key')


def _forget_sign_ins() -> None:
    """A token without the key of its session is refused, so every session ends."""
    op.execute("DELETE FROM sessions")
    op.execute("DELETE FROM login_attempts")


def _make_anew(table: str, old: str, new: str) -> None:
    """Change the primary key as https://www.sqlite.org/lang_altertable.html tells, section 7.

    Foreign keys are off meanwhile (see env.py). Indexes and triggers are made again as they were.
    """
    connection = op.get_bind()
    master = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql <> ''")
    objects = connection.execute(master, {"table": table}).all()
    [definition] = [sql for kind, sql in objects if kind == "table"]
    assert definition.count(old) == 1, definition
    made = re.sub(r'^CREATE TABLE "?\w+"?', f"CREATE TABLE new_{table}", definition)
    op.execute("PRAGMA legacy_alter_table = ON")  # a rename changes nothing elsewhere
    op.execute(sa.text(_literal(made.replace(old, new))))
    op.execute(f"INSERT INTO new_{table} SELECT * FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
    op.execute("PRAGMA legacy_alter_table = OFF")
    for kind, sql in objects:
        if kind != "table":
            op.execute(sa.text(_literal(sql)))


def _literal(sql: str) -> str:
    """Without parameters: a colon in a definition begins none."""
    return sql.replace(":", r"\:")


def _highest_id_in_the_audit_trail() -> int:
    highest = "SELECT max(coalesce(max(actor_id), 0), coalesce(max(CAST(target_id AS INTEGER)), 0))"
    return op.get_bind().execute(sa.text(f"{highest} FROM audit_entries")).scalar_one()


def _begin_after(table: str, named: int) -> None:
    """Give no id that an audit entry names, whose row may be gone."""
    op.execute(f"DELETE FROM sqlite_sequence WHERE name = '{table}'")
    op.execute(
        f"INSERT INTO sqlite_sequence SELECT '{table}', max({named}, coalesce(max(id), 0)) FROM {table}"
    )
