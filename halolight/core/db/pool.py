"""The connections of a worker to its database: a stack, on which the one used last is on top."""

import queue
import time
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from halolight.core.metric_families import count_wait


class ConnectionPool(sa.Pool):
    """At most `pool_size + max_overflow` connections, of which `pool_size` stay open when unused.

    Sessions use it as they use SQLAlchemy's own pools. Reads, which leave nothing behind that would
    have to be rolled back, `take` a connection and give it back themselves.
    """

    def __init__(
        self,
        creator: Any,
        pool_size: int = 5,
        max_overflow: int = 10,
        timeout: float = 30.0,
        **options: Any,
    ) -> None:
        super().__init__(creator, **options)
        self._again = partial(ConnectionPool, creator, pool_size, max_overflow, timeout, **options)
        self._kept = pool_size
        self._timeout = timeout
        self._free: list[ConnectionPoolEntry] = []
        self._limit = pool_size + max_overflow
        # As many entries as connections may be taken. In C, unlike the semaphores of `threading`.
        self._places: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(self._limit):
            self._places.put(None)

    @property
    def connections(self) -> tuple[int, int, int]:
        """How many are in use, how many are free, and how many there may be."""
        return self._limit - self._places.qsize(), len(self._free), self._limit

    def take(self) -> ConnectionPoolEntry:
        """A connection for the caller alone, until `give_back`; it may have to be opened.

        Raises `sqlalchemy.exc.TimeoutError` if all are in use for too long, or the driver's error.
        """
        began = time.perf_counter()
        try:
            self._places.get(timeout=self._timeout)
            return self._free_or_new()
        except queue.Empty:
            raise sa.exc.TimeoutError(f"all {self._limit} connections are in use") from None
        finally:
            count_wait(time.perf_counter() - began)

    def _free_or_new(self) -> ConnectionPoolEntry:
        try:
            try:
                entry = self._free.pop()
            except IndexError:
                entry = self._create_connection()
            entry.get_connection()  # type: ignore[attr-defined] # another, if it is known to be dead
        except BaseException:
            self._places.put(None)
            raise
        return entry

    def give_back(self, entry: ConnectionPoolEntry) -> None:
        """Keep the connection for the next, unless it is invalid or enough others are free."""
        try:
            if len(self._free) >= self._kept:
                entry.close()
            elif entry.dbapi_connection is not None:
                self._free.append(entry)
        finally:
            self._places.put(None)

    _do_get = take
    _do_return_conn = give_back  # type: ignore[assignment] # called by position alone

    def dispose(self) -> None:
        """Close the connections; those in use as soon as they are given back."""
        self._kept = 0
        while self._free:
            self._free.pop().close()

    def recreate(self) -> "ConnectionPool":
        """An empty pool with the same options."""
        return self._again(_dispatch=self.dispatch, dialect=self._dialect)
