"""The driver's connection to PostgreSQL, which sends statements together where it can.

psycopg2 sends BEGIN, each statement and COMMIT in messages of their own, and waits for the response
to each. A round trip costs both sides more CPU than a short statement does. Here, BEGIN goes with
the first statement, and a statement whose result nobody needs with the next one, or with COMMIT.
PostgreSQL executes the statements of a message in their order, and stops at one that fails.
"""

from typing import Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, connection, cursor

BEGIN = "BEGIN"


class Cursor(cursor):
    """Sends what is unsent before its own statement."""

    connection: "Connection"

    def execute(self, query: str | bytes, values: Any = None) -> None:
        unsent = self.connection.unsent
        if not unsent:
            super().execute(query, values)
            return
        message = b"; ".join([*unsent, self.mogrify(query, values)])
        unsent.clear()
        try:
            super().execute(message)
        except psycopg2.Error:
            self.connection.doubt(message)
            raise

    def executemany(self, query: str | bytes, values: Any) -> None:
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

    def commit(self) -> None:
        super().commit()  # raises if the connection is closed
        if len(self.unsent) > 1 or not self._is_idle():
            self._execute(b"COMMIT")
        self.unsent.clear()
        self._forget_doubtful()

    def rollback(self) -> None:
        super().rollback()
        self.unsent.clear()
        if not self._is_idle():
            self._execute(b"ROLLBACK")
        self._forget_doubtful()

    def doubt(self, message: bytes) -> None:
        """Note that a message failed. What it prepared may be there or not."""
        self._doubtful = self._doubtful or b"PREPARE " in message

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
