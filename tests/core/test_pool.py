"""The stack of connections: how many there are, who gets which, and what becomes of dead ones."""

import threading

import pytest
import sqlalchemy as sa

from halolight.core.db.pool import ConnectionPool


class Connection:
    """As much of a driver's connection as a pool sees."""

    closed = False

    def rollback(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def opened() -> list[Connection]:
    """Every connection that the pool has opened."""
    return []


@pytest.fixture
def pool(opened: list[Connection]) -> ConnectionPool:
    """Three connections at most, two of which stay open."""

    def connect() -> Connection:
        opened.append(Connection())
        return opened[-1]

    return ConnectionPool(connect, pool_size=2, max_overflow=1, timeout=0.05)


def test_the_connection_used_last_is_used_next(pool: ConnectionPool) -> None:
    first, second = pool.take(), pool.take()
    pool.give_back(first)
    pool.give_back(second)

    assert pool.take() is second
    assert pool.take() is first


def test_reads_and_sessions_share_the_connections(
    pool: ConnectionPool, opened: list[Connection]
) -> None:
    taken, session = pool.take(), pool.connect()

    assert pool.connections == (2, 0, 3)
    assert taken.dbapi_connection is not session.dbapi_connection

    session.close()
    assert pool.connections == (1, 1, 3)
    pool.give_back(taken)
    assert pool.connect().dbapi_connection is taken.dbapi_connection
    assert len(opened) == 2


def test_there_are_never_more_than_the_limit(pool: ConnectionPool) -> None:
    taken = [pool.take() for _ in range(3)]

    with pytest.raises(sa.exc.TimeoutError, match="all 3 connections are in use"):
        pool.take()

    pool.give_back(taken.pop())
    assert pool.take()


def test_who_waits_gets_the_next_that_is_given_back() -> None:
    patient = ConnectionPool(Connection, pool_size=1, max_overflow=0)
    taken = patient.take()
    threading.Timer(0.05, patient.give_back, [taken]).start()

    assert patient.take() is taken


def test_what_is_above_the_size_is_closed_when_it_is_given_back(
    pool: ConnectionPool, opened: list[Connection]
) -> None:
    for entry in [pool.take() for _ in range(3)]:
        pool.give_back(entry)

    assert pool.connections == (0, 2, 3)
    assert [connection.closed for connection in opened] == [False, False, True]


def test_an_invalid_connection_is_not_used_again(
    pool: ConnectionPool, opened: list[Connection]
) -> None:
    entry = pool.take()
    entry.invalidate()
    pool.give_back(entry)

    assert pool.connections == (0, 0, 3)
    pool.take()
    assert [connection.closed for connection in opened] == [True, False]


def test_a_failure_to_connect_takes_no_place() -> None:
    def refused() -> Connection:
        raise ConnectionRefusedError

    pool = ConnectionPool(refused, pool_size=1, max_overflow=0, timeout=0.05)
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            pool.take()

    assert pool.connections == (0, 0, 1)


def test_disposing_closes_all_also_what_is_in_use_when_it_comes_back(
    pool: ConnectionPool, opened: list[Connection]
) -> None:
    free, used = pool.take(), pool.take()
    pool.give_back(free)
    pool.dispose()

    assert [connection.closed for connection in opened] == [True, False]
    pool.give_back(used)
    assert [connection.closed for connection in opened] == [True, True]


def test_the_pool_after_it_has_the_same_limits(pool: ConnectionPool) -> None:
    pool.dispose()
    again = pool.recreate()
    again.give_back(again.take())

    assert again.connections == (0, 1, 3)
