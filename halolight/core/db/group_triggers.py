"""The triggers that keep `group_counts`. For migrations.

    begin_grouping(op.get_bind(), "files", (Group("type", total="size"), Group("created_on", DAY)))

PostgreSQL runs them once per statement, so that a change of many rows changes each counter once.
As with `row_counts`, each connection has a slot, so that two of them seldom wait for each other.
"""

import dataclasses as dc
from collections.abc import Sequence

import sqlalchemy as sa

DAY = {  # when a row was created, in UTC, as `2026-11-27`
    "postgresql": "to_char({row}.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    "sqlite": "date({row}.created_at)",
}
SLOT = "pg_backend_pid() % 16"


@dc.dataclass(frozen=True)
class Group:
    """A column whose values are counted, or `created_on`, with a column to sum for each value."""

    column: str
    total: str = ""

    def value(self, dialect: str, row: str) -> str:
        """The SQL of the value of a row."""
        return DAY[dialect].format(row=row) if self.column == "created_on" else self._of(row)

    def summed(self, row: str) -> str:
        return f"{row}.{self.total}" if self.total else "0"

    @property
    def columns(self) -> set[str]:
        """The columns of the table that it depends on."""
        column = "created_at" if self.column == "created_on" else self.column
        return {column, self.total} - {""}

    def _of(self, row: str) -> str:
        return f"{row}.{self.column}"


def begin_grouping(connection: sa.Connection, table: str, groups: Sequence[Group]) -> None:
    """Count the rows of a table by the values of these columns from now on."""
    dialect = connection.dialect.name
    there = f"SELECT 1 AS sign, {_columns(groups)} FROM {table}"
    _execute(connection, _counting(dialect, table, groups, there, "0"))
    if dialect == "postgresql":
        _execute(connection, _function(table, groups))
        for trigger in statement_triggers(table, "group", f"group_{table}"):
            _execute(connection, trigger)
    else:
        for trigger in _row_triggers(table, groups):
            _execute(connection, trigger)


def end_grouping(connection: sa.Connection, table: str) -> None:
    """Stop it."""
    drop_triggers(connection, table, "group")
    if connection.dialect.name == "postgresql":
        _execute(connection, f"DROP FUNCTION group_{table}()")


def statement_triggers(table: str, name: str, function: str) -> list[str]:
    """Triggers of PostgreSQL for all changes of a table. They see `old_rows` and `new_rows`."""
    old, new = "OLD TABLE AS old_rows", "NEW TABLE AS new_rows"
    seen = {"INSERT": new, "DELETE": old, "UPDATE": f"{old} {new}", "TRUNCATE": ""}
    return [
        f"CREATE TRIGGER {name}_{table}_{event.lower()} AFTER {event} ON {table}"
        f" {rows and f'REFERENCING {rows}'} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        for event, rows in seen.items()
    ]


def drop_triggers(connection: sa.Connection, table: str, name: str) -> None:
    on_table = f" ON {table}" if connection.dialect.name == "postgresql" else ""
    for event in ("insert", "delete", "update", "truncate"):
        _execute(connection, f"DROP TRIGGER IF EXISTS {name}_{table}_{event}{on_table}")


def changed_rows(columns: str) -> dict[str, str]:
    """The rows that a statement of each kind adds (sign 1) and takes away (sign -1)."""
    added = f"SELECT 1 AS sign, {columns} FROM new_rows"
    taken = f"SELECT -1 AS sign, {columns} FROM old_rows"
    return {"INSERT": added, "DELETE": taken, "UPDATE": f"{added} UNION ALL {taken}"}


def _columns(groups: Sequence[Group]) -> str:
    return ", ".join(sorted({column for group in groups for column in group.columns}))


def _counting(dialect: str, table: str, groups: Sequence[Group], rows: str, slot: str) -> str:
    """An INSERT that adds these rows to the counters of their values."""
    valued = (
        _each_value(table, groups, rows)
        if dialect == "postgresql"
        else " UNION ALL ".join(
            f"SELECT sign, '{table}.{group.column}' AS name, {group.value(dialect, 'r')} AS value,"
            f" {group.summed('r')} AS total FROM ({rows}) AS r"
            for group in groups
        )
    )
    return f"""
        INSERT INTO group_counts (name, value, slot, n, total)
        SELECT name, value, {slot}, sum(sign), sum(sign * total) FROM ({valued}) AS valued
        WHERE value IS NOT NULL
        GROUP BY name, value HAVING sum(sign) <> 0 OR sum(sign * total) <> 0
        ORDER BY name, value"""


def _each_value(table: str, groups: Sequence[Group], rows: str) -> str:
    """The values of each row, which is read once."""
    values = ", ".join(
        f"('{table}.{group.column}', CAST({group.value('postgresql', 'r')} AS varchar),"
        f" CAST({group.summed('r')} AS numeric))"
        for group in groups
    )
    return (
        f"SELECT sign, name, value, total FROM ({rows}) AS r"
        f" CROSS JOIN LATERAL (VALUES {values}) AS each_value (name, value, total)"
    )


def _function(table: str, groups: Sequence[Group]) -> str:
    branches = " ".join(
        f"IF TG_OP = '{event}' THEN"
        f" {_counting('postgresql', table, groups, rows, SLOT)}"
        " ON CONFLICT (name, value, slot) DO UPDATE"
        " SET n = group_counts.n + EXCLUDED.n, total = group_counts.total + EXCLUDED.total;"
        " END IF;"
        for event, rows in changed_rows(_columns(groups)).items()
    )
    names = ", ".join(f"'{table}.{group.column}'" for group in groups)
    return f"""
        CREATE FUNCTION group_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {branches}
            IF TG_OP = 'TRUNCATE' THEN DELETE FROM group_counts WHERE name IN ({names}); END IF;
            RETURN NULL;
        END $$"""


def _row_triggers(table: str, groups: Sequence[Group]) -> list[str]:
    """Triggers of SQLite."""
    added = " ".join(_adding(table, group, "NEW", "") for group in groups)
    taken = " ".join(_adding(table, group, "OLD", "-") for group in groups)
    columns = _columns(groups)
    return [
        f"CREATE TRIGGER group_{table}_insert AFTER INSERT ON {table} BEGIN {added} END",
        f"CREATE TRIGGER group_{table}_delete AFTER DELETE ON {table} BEGIN {taken} END",
        f"CREATE TRIGGER group_{table}_update AFTER UPDATE OF {columns} ON {table}"
        f" BEGIN {taken} {added} END",
    ]


def _adding(table: str, group: Group, row: str, sign: str) -> str:
    value = group.value("sqlite", row)
    return (
        "INSERT INTO group_counts (name, value, slot, n, total)"
        f" SELECT '{table}.{group.column}', {value}, 0, {sign}1, {sign}{group.summed(row)}"
        f" WHERE {value} IS NOT NULL ON CONFLICT (name, value, slot) DO UPDATE"
        " SET n = n + EXCLUDED.n, total = total + EXCLUDED.total;"
    )


def _execute(connection: sa.Connection, statement: str) -> None:
    connection.execute(sa.text(statement))
