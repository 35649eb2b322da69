"""The driver's connection to PostgreSQL, which sends statements together where it can.

psycopg2 sends BEGIN, each statement and COMMIT in messages of their own, and waits for the response
to each. A round trip costs both sides more CPU than a short statement does. Here, BEGIN goes with
the first statement, and a statement whose result nobody needs with the next one, or with COMMIT.
PostgreSQL executes the statements of a message in their order, and stops at one that fails.
"""

from typing import Any

import psycopg2
from psycopg2.errors import InFailedSqlTransaction
from psycopg2.extensions import (
    TRANSACTION_STATUS_IDLE,
    TRANSACTION_STATUS_INERROR,
    connection,
    cursor,
)

BEGIN = "BEGIN"

# SQLSTATEs of a prepared statement that a migration has made useless, or that a pooler has left
# in another session (with `DB_PREPARE=true`).
OUTDATED = frozenset({"0A000", "26000", "42P05"})


class Cursor(cursor):
    """Sends what is unsent before its own statement."""

    connection: "Connection"

    def execute(self, query: Any, values: Any = None) -> None:
        unsent = self.connection.unsent
        try:
            if unsent:
                query, values = b"; ".join([*unsent, self.mogrify(query, values)]), None
                unsent.clear()
            super().execute(query, values)
        except Exception as error:
            self.connection.doubt(query, getattr(error, "pgcode", None))
            raise

    def mogrify(self, query: Any, values: Any = None) -> bytes:
        try:
            message: bytes = super().mogrify(query, values)
        except Exception:  # a value that the driver refuses
            self.connection.doubt(query)
            raise
        return message

    def executemany(self, query: Any, values: Any) -> None:
        self.connection.send()
        super().executemany(query, values)


class Connection(connection):
    """A connection in the driver's autocommit mode, whose transactions begin with `begin`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.autocommit = True
        self.cursor_factory = Cursor
        self.unsent: list[bytes] = []
        self.uses: dict[str, int] = {}  # of each statement that may be prepared, by its name
        self._doubtful = False

    def begin(self, settings: str = "") -> None:
        """Begin a transaction with the next statement. `settings` is SQL that follows BEGIN."""
        self.unsent[:] = [f"{BEGIN}; {settings}".rstrip("; ").encode()]

    def later(self, statement: bytes) -> None:
        """Send a statement with the next one. If it fails, that one raises its error."""
        self.unsent.append(statement)

    def send(self) -> None:
        """Send what is unsent now."""
        if self.unsent:
            self._execute(self.unsent.pop())

    def forget_unsent(self) -> None:
        """Send it never: what it changes is undone before it has been done."""
        for statement in self.unsent:
            self.doubt(statement)
        self.unsent.clear()

    def commit(self) -> None:
        """Commit, or else roll back and raise. PostgreSQL's own COMMIT hides earlier failures."""
        super().commit()  # raises if the connection is closed
        if self.get_transaction_status() == TRANSACTION_STATUS_INERROR:
            self.rollback()
            raise InFailedSqlTransaction("the transaction has failed before")
        if len(self.unsent) > 1 or not self._is_idle():
            try:
                self._execute(b"COMMIT")
            except psycopg2.Error:
                if not self.closed:  # a statement before COMMIT may be what failed
                    self.rollback()
                raise
        self.unsent.clear()
        self._forget_doubtful()

    def rollback(self) -> None:
        super().rollback()
        self.forget_unsent()
        if not self._is_idle():
            self._execute(b"ROLLBACK")
        self._forget_doubtful()

    def doubt(self, message: Any, pgcode: str | None = None) -> None:
        """Note that a message failed or was not sent. What it prepares may be there or not."""
        text = message if isinstance(message, bytes) else str(message).encode()
        if pgcode in OUTDATED or b"PREPARE " in text:
            self._doubtful = True

    @property
    def may_prepare(self) -> bool:
        return not self._doubtful

    def _forget_doubtful(self) -> None:
        if self._doubtful:
            self._execute(b"DEALLOCATE ALL")
            self.uses.clear()
            self._doubtful = False

    def _is_idle(self) -> bool:
        return self.get_transaction_status() == TRANSACTION_STATUS_IDLE

    def _execute(self, statement: bytes) -> None:
        with self.cursor() as executing:
            executing.execute(statement)
