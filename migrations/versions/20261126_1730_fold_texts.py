"""fold texts

Adds the folded forms of texts that are searched, sorted and kept unique, fills them in, and gives
mail addresses their canonical form. Names that are equal when folded cannot lie in one folder any
more: all but the first get a number. Of such tags of a document the first stays.
"""

import logging
import re
from itertools import count

import sqlalchemy as sa
from alembic import op

from halolight.core.mail_address import as_typed
from halolight.core.text import ascii_lower, fold
from halolight.modules.files.models import fold_path

revision = 'd7e2a84c1f60'
down_revision = 'a3f5fb1a69bf'
branch_labels = None
depends_on = None

log = logging.getLogger("alembic.runtime.migration")

# Folded forms that are always there, with their lengths: sorted by, compared, and searched.
NEW = {
    "users": {"email": 510, "name": 200},
    "documents": {"title": 400, "type": 100},
    "teams": {"name": 200},
    "events": {"title": 400},
    "files": {"name": 510, "path": 600},
    "products": {"name": 400},
}
# Those that were there, in lower case.
OLD = {"documents": {"folder": 400}, "products": {"category": 200}}
# Those of long texts, where they are another than the text with its ASCII letters in lower case.
LONG = {
    "documents": ["content"],
    "teams": ["description"],
    "events": ["description", "location"],
    "orders": ["customer"],
    "messages": ["content"],
    "conversations": ["name"],
}
INDEXES = {  # before and after, by table
    "users": [(["name", "id"], ["name_key", "id"]), (None, ["email_key", "id"])],
    "documents": [
        (["title", "id"], ["title_key", "id"]),
        (["type", "updated_at", "id"], ["type_key", "updated_at", "id"]),
    ],
    "teams": [(["name", "id"], ["name_key", "id"])],
    "events": [(["title", "id"], ["title_key", "id"])],
    "files": [
        (["name", "id"], ["name_key", "id"]),
        (["owner_id", "folder_id", "name", "id"], ["owner_id", "folder_id", "name_key", "id"]),
    ],
    "products": [(["name", "id"], ["name_key", "id"])],
}
# Columns that PostgreSQL is to compare by code points, as it does the new ones.
BY_CODE_POINT = {
    ("users", "username"): 100,
    ("documents", "folder_key"): 400,
    ("document_tags", "key"): 100,
    ("products", "category_key"): 200,
}
UNIQUE_PATHS = "CONSTRAINT uq_files_owner_id_path UNIQUE (owner_id, path)"
EMPTY, NOT_EMPTY = " DEFAULT '' NOT NULL", " NOT NULL"
BATCH = 1000


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        _collate("C")
    for table, sources in NEW.items():
        for source, length in sources.items():
            _add_key(table, source, length)
    for table, sources in LONG.items():
        for source in sources:
            op.add_column(table, sa.Column(f"{source}_key", sa.Text(), nullable=True))
            _fill_long(table, source)
    for table, sources in OLD.items():
        for source, length in sources.items():
            _fold_others(table, source, length)
    _fold_tags()
    _make_addresses_canonical()
    _number_equal_names()
    if on_postgresql:
        op.drop_constraint("uq_files_owner_id_path", "files", type_="unique")
        for table, sources in NEW.items():
            for source in sources:
                op.alter_column(table, f"{source}_key", server_default=None)
    else:
        for table in NEW:
            _make_anew(table, (EMPTY, NOT_EMPTY), (f", \n\t{UNIQUE_PATHS}", ""))
    _change_indexes(0, 1)
    op.create_index(op.f("ix_files_owner_id_path_key"), "files", ["owner_id", "path_key"], unique=True)


def downgrade() -> None:
    """What has got another name or address keeps it."""
    op.drop_index(op.f("ix_files_owner_id_path_key"), "files")
    _change_indexes(1, 0)
    for table, sources in (*NEW.items(), *LONG.items()):
        for source in sources:
            op.drop_column(table, f"{source}_key")
    if op.get_bind().dialect.name == "postgresql":
        op.create_unique_constraint("uq_files_owner_id_path", "files", ["owner_id", "path"])
        _collate("default")
    else:
        last = "CONSTRAINT pk_files "
        _make_anew("files", (last, f"{UNIQUE_PATHS}, \n\t{last}"))


def _collate(collation: str) -> None:
    for (table, column), length in BY_CODE_POINT.items():
        op.execute(f'ALTER TABLE {table} ALTER {column} TYPE VARCHAR({length}) COLLATE "{collation}"')


def _change_indexes(before: int, after: int) -> None:
    for table, changes in INDEXES.items():
        for change in changes:
            for columns, act in ((change[before], op.drop_index), (change[after], op.create_index)):
                if columns:
                    name = op.f(f"ix_{table}_{'_'.join(columns)}")
                    act(name, table, **({"columns": columns} if act is op.create_index else {}))


def _key_type(length: int) -> sa.types.TypeEngine:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _add_key(table: str, source: str, length: int) -> None:
    """Add a folded form: of texts in ASCII the database knows it."""
    key = f"{source}_key"
    op.add_column(table, sa.Column(key, _key_type(length), nullable=False, server_default=""))
    op.execute(f"UPDATE {table} SET {key} = {_lower(source)} WHERE {_is_ascii(source)}")
    _fold_others(table, source, length)


def _lower(column: str) -> str:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    return f'lower({column} COLLATE "C")' if on_postgresql else f"lower({column})"


def _is_ascii(column: str) -> str:
    """Whether a character is a byte."""
    if op.get_bind().dialect.name == "postgresql":
        return f"octet_length({column}) = char_length({column})"
    return f"length(CAST({column} AS BLOB)) = length({column})"


def _others(table: str, source: str):
    """The ids and texts that are not in ASCII, some at a time."""
    connection, last = op.get_bind(), 0
    batch = sa.text(
        f"SELECT id, {source} AS source FROM {table} WHERE id > :last AND NOT ({_is_ascii(source)})"
        f" ORDER BY id LIMIT {BATCH if table != 'documents' else 50}"
    )
    while rows := connection.execute(batch, {"last": last}).all():
        yield rows
        last = rows[-1].id


def _write(table: str, column: str, values: list[dict]) -> None:
    if values:
        update = sa.text(f"UPDATE {table} SET {column} = :value WHERE id = :id")
        op.get_bind().execute(update, values)


def _fold_others(table: str, source: str, length: int) -> None:
    folding = fold_path if source == "path" else fold
    for rows in _others(table, source):
        values = [{"id": row.id, "value": folding(row.source)[:length]} for row in rows]
        _write(table, f"{source}_key", values)


def _fill_long(table: str, source: str) -> None:
    for rows in _others(table, source):
        forms = ((row.id, fold(row.source), ascii_lower(row.source)) for row in rows)
        values = [{"id": id_, "value": folded} for id_, folded, lower in forms if folded != lower]
        _write(table, f"{source}_key", values)


def _fold_tags() -> None:
    """Of several tags of a document that are now equal one stays: the one in ASCII, or the first."""
    connection = op.get_bind()
    tags = sa.table("document_tags", *map(sa.column, ("document_id", "key", "name")))
    not_ascii = sa.text(f"NOT ({_is_ascii('name')})")
    found = connection.execute(sa.select(tags).where(not_ascii).order_by(*tags.c)).all()
    connection.execute(sa.delete(tags).where(not_ascii))
    for row in found:
        place = (row.document_id, fold(row.name)[:100])
        equal = sa.select(tags.c.key).filter_by(document_id=place[0], key=place[1])
        if connection.execute(equal).first() is None:
            connection.execute(
                sa.insert(tags).values(document_id=place[0], key=place[1], name=row.name)
            )


def _make_addresses_canonical() -> None:
    """An address that somebody else has in its canonical form stays as it is."""
    connection = op.get_bind()
    users = sa.table("users", *map(sa.column, ("id", "email", "email_key")))
    international = sa.or_(
        sa.text(f"NOT ({_is_ascii('email')})"), users.c.email.like("%xn--%")
    )
    found = sa.select(users).where(international).order_by(users.c.id)
    for row in connection.execute(found).all():
        email = as_typed(row.email)
        if email == row.email:
            continue
        if connection.execute(sa.select(users.c.id).where(users.c.email == email)).first():
            log.warning("user %d has an address that another user has, too: see `flask users list`", row.id)
            continue
        values = {"email": email, "email_key": fold(email)}
        connection.execute(sa.update(users).where(users.c.id == row.id).values(values))


FIRST_EQUAL = """
    SELECT f.id, f.owner_id, f.folder_id, f.name, f.path FROM files f
    WHERE EXISTS (SELECT 1 FROM files o WHERE o.owner_id = f.owner_id AND o.path_key = f.path_key
                  AND o.id < f.id)
    ORDER BY length(f.path) - length(replace(f.path, '/', '')), f.id LIMIT 1"""
NAMES = """
    SELECT path_key FROM files WHERE owner_id = :owner_id
    AND (folder_id = :folder_id OR (folder_id IS NULL AND :folder_id IS NULL))"""
BELOW = """
    UPDATE files SET path = :new || substr(path, :length + 1)
    WHERE owner_id = :owner_id AND substr(path, 1, :length) = :old"""


def _number_equal_names() -> None:
    """From the top: what lies in a folder of another name has another path by that alone."""
    connection = op.get_bind()
    op.create_index("paths_while_they_are_made_unique", "files", ["owner_id", "path_key"])
    while row := connection.execute(sa.text(FIRST_EQUAL)).first():
        folder = row.path.removesuffix(f"/{row.name}")
        place = sa.text(NAMES).bindparams(
            sa.bindparam("owner_id", row.owner_id, sa.Integer),
            sa.bindparam("folder_id", row.folder_id, sa.Integer),
        )
        taken = set(connection.scalars(place))
        stem, dot, ending = row.name.rpartition(".") if "." in row.name[1:] else (row.name, "", "")
        names = (f"{stem[:200]} ({number}){dot}{ending}" for number in count(1))
        name = next(each for each in names if fold_path(f"{folder}/{each}") not in taken)
        log.warning("files: %s of user %d is now called %s", row.path, row.owner_id, name)
        values = {"name": name, "name_key": fold(name)[:510], "path": f"{folder}/{name}"}
        files = sa.table("files", *map(sa.column, ("id", "owner_id", "path_key", *values)))
        connection.execute(sa.update(files).where(files.c.id == row.id).values(values))
        old = f"{row.path}/"
        below = {"owner_id": row.owner_id, "old": old, "length": len(old)}
        connection.execute(sa.text(BELOW), {**below, "new": f"{folder}/{name}/"})
        moved = sa.select(files.c.id, files.c.path).where(
            files.c.owner_id == row.owner_id,
            sa.or_(files.c.id == row.id, files.c.path.startswith(f"{folder}/{name}/", autoescape=True)),
        )
        keys = [{"id": each.id, "value": fold_path(each.path)} for each in connection.execute(moved)]
        _write("files", "path_key", keys)
    op.drop_index("paths_while_they_are_made_unique", "files")


def _make_anew(table: str, *replacements: tuple[str, str]) -> None:
    """Change a definition as https://www.sqlite.org/lang_altertable.html tells, section 7.

    Foreign keys are off meanwhile (see env.py). Indexes and triggers are made again as they were.
    """
    connection = op.get_bind()
    master = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql <> ''")
    objects = connection.execute(master, {"table": table}).all()
    [definition] = [sql for kind, sql in objects if kind == "table"]
    made = re.sub(r'^CREATE TABLE "?\w+"?', f"CREATE TABLE new_{table}", definition)
    for old, new in replacements:
        made = made.replace(old, new)
    number = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    last = connection.scalar(number, {"table": table})
    op.execute("PRAGMA legacy_alter_table = ON")  # a rename changes nothing elsewhere
    op.execute(sa.text(_literal(made)))
    op.execute(f"INSERT INTO new_{table} SELECT * FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
    op.execute("PRAGMA legacy_alter_table = OFF")
    if last is not None:
        op.execute(f"DELETE FROM sqlite_sequence WHERE name = '{table}'")
        op.execute(f"INSERT INTO sqlite_sequence VALUES ('{table}', {last})")
    for kind, sql in objects:
        if kind != "table":
            op.execute(sa.text(_literal(sql)))


def _literal(sql: str) -> str:
    """Without parameters: a colon in a definition begins none."""
    return sql.replace(":", r"\:")
