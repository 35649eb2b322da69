"""Connections of a worker: who keeps it waiting for too long, or has too many, is closed."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import gevent
import pytest
from gevent import socket
from gevent.pool import Pool
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.unreader import SocketUnreader

from halolight import connections
from halolight.connections import Connection, Connections
from halolight.core.errors import Invalid, ServiceUnavailable
from halolight.core.http import bodies
from halolight.worker import DrainingServer, RequestReader

SOON = 0.2  # seconds
LATER = 10.0
Serve = Callable[..., DrainingServer]
Connect = Callable[[DrainingServer, int], list[Any]]
HEADER = b"GET / HTTP/1.1\r\n"


@pytest.fixture
def pair() -> Iterator[tuple[Connection, Any]]:
    """A worker's end of a connection, and its client's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Connection(ours, {}), theirs


@contextmanager
def within(seconds: float) -> Iterator[None]:
    with gevent.Timeout(seconds, AssertionError("it takes too long")):
        yield


def send_slowly(client: Any, data: bytes, pause: float = SOON / 2) -> None:
    def send() -> None:
        for n in range(len(data)):
            client.sendall(data[n : n + 1])
            gevent.sleep(pause)

    gevent.spawn(send)


class TestHeader:
    def test_has_to_come_in_time(
        self, pair: tuple[Connection, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "HEADER_SECONDS", SOON)
        connection, client = pair
        send_slowly(client, HEADER * 10)

        with within(5 * SOON), connection.reading_header(LATER):
            while connection.recv(8192):
                pass

    def test_of_an_idle_connection_is_waited_for(self, pair: tuple[Connection, Any]) -> None:
        connection, _ = pair

        with within(5 * SOON), connection.reading_header(SOON):
            connection.recv(8192)
            pytest.fail("nothing was sent")

    def test_has_a_largest_size(self, pair: tuple[Connection, Any]) -> None:
        connection, client = pair
        gevent.spawn(client.sendall, HEADER + b"a" * 2 * connections.MAX_HEADER)

        with within(LATER), pytest.raises(LimitRequestHeaders):
            read_header(connection)


def read_header(connection: Connection) -> None:
    with connection.reading_header(LATER):
        while connection.recv(8192):
            pass


class TestSending:
    def test_is_given_up_when_the_client_takes_nothing(
        self, pair: tuple[Connection, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "SEND_SECONDS", SOON)
        connection, _ = pair

        with within(LATER), pytest.raises(ConnectionResetError):
            connection.sendall(b"a" * 16 * 1024**2)

    def test_goes_on_while_the_client_takes_some(
        self, pair: tuple[Connection, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "SEND_SECONDS", 3 * SOON)
        connection, client = pair
        size, got = 2 * 1024**2, 0
        sending = gevent.spawn(connection.sendall, b"a" * size)
        while got < size:
            got += len(client.recv(256 * 1024))
            gevent.sleep(SOON / 2)

        sending.get(timeout=LATER)


class TestBody:
    def reader(self, connection: Connection, length: int) -> RequestReader:
        ours: Any = connection
        unreader = SocketUnreader(ours)
        request = SimpleNamespace(unreader=unreader, headers=[], force_close=lambda: None)
        request.body = Body(LengthReader(unreader, length))
        return RequestReader(request, {})

    def test_has_to_come_in_time(self, pair: tuple[Connection, Any]) -> None:
        connection, client = pair
        bodies.patience.set(SOON)
        send_slowly(client, b"a" * 100)

        with within(5 * SOON), pytest.raises(Invalid, match="in time"):
            self.reader(connection, 100).read(100)

    def test_may_take_longer_as_a_whole(self, pair: tuple[Connection, Any]) -> None:
        """Each piece has a deadline of its own."""
        connection, client = pair
        bodies.patience.set(SOON)

        def send() -> None:
            for _ in range(6):
                client.sendall(b"a" * bodies.PIECE)
                gevent.sleep(SOON / 2)

        gevent.spawn(send)
        reader = self.reader(connection, 6 * bodies.PIECE)

        with within(LATER):
            got = sum(len(reader.read(10 * bodies.PIECE)) for _ in range(6))
        assert got == 6 * bodies.PIECE

    def test_may_end_early(self) -> None:
        unreader = SimpleNamespace(max_body_chunk=0)
        ended = SimpleNamespace(read=io.BytesIO(b"half").read)
        request: Any = SimpleNamespace(unreader=unreader, body=SimpleNamespace(reader=ended))

        reader = RequestReader(request, {})

        assert [reader.read(10), reader.read(10)] == [b"half", b""]


class TestMemory:
    def test_of_unfinished_bodies_is_limited(self) -> None:
        memory = bodies.Memory(100)
        memory.take(60)

        with pytest.raises(ServiceUnavailable):
            memory.take(41)
        memory.take(40)
        memory.give_back(60)
        memory.take(60)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., DrainingServer]]:
    """A server whose clients of this machine count as those of a network."""
    monkeypatch.setattr(connections, "is_this_machine", lambda _: False)
    servers: list[DrainingServer] = []

    def start(per_address: int | None, pool_size: int) -> DrainingServer:
        def handle(client: Any, address: Any) -> None:
            opened = server.connections.opened(client, address)
            with opened as connection, connection.reading_header(LATER):
                connection.recv(100)

        server = DrainingServer(("127.0.0.1", 0), handle=handle, spawn=Pool(pool_size))
        server.connections = Connections(per_address)
        server.end_streams = lambda: None
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop(timeout=0.1)


@pytest.fixture
def connect() -> Iterator[Callable[[DrainingServer, int], list[Any]]]:
    """Opens so many connections, one after the other."""
    clients: list[Any] = []

    def open_some(server: DrainingServer, number: int) -> list[Any]:
        for _ in range(number):
            clients.append(socket.create_connection(("127.0.0.1", server.server_port)))
            gevent.sleep(0.01)
        return clients[-number:]

    yield open_some
    for client in clients:
        client.close()


def is_closed(client: Any) -> bool:
    client.settimeout(SOON)
    try:
        return bool(client.recv(1) == b"")
    except TimeoutError:
        return False


class TestConnections:
    def test_of_an_address_are_limited(self, serve: Serve, connect: Connect) -> None:
        server = serve(per_address=3, pool_size=100)

        clients = connect(server, 5)

        assert [is_closed(client) for client in clients] == [False] * 3 + [True] * 2
        clients[0].close()
        gevent.sleep(SOON)
        assert not is_closed(connect(server, 1)[0])

    def test_are_not_limited_behind_a_proxy(self, serve: Serve, connect: Connect) -> None:
        server = serve(per_address=None, pool_size=100)

        assert [is_closed(client) for client in connect(server, 5)] == [False] * 5

    def test_that_wait_longest_make_room(self, serve: Serve, connect: Connect) -> None:
        server = serve(per_address=None, pool_size=20)

        clients = connect(server, 25)

        closed = [is_closed(client) for client in clients]
        assert closed == sorted(closed, reverse=True)
        assert 5 <= sum(closed) <= 8

    @pytest.mark.parametrize(
        ("address", "network"),
        [
            (("203.0.113.5", 1), "203.0.113.5"),
            (("::ffff:203.0.113.5", 1, 0, 0), "203.0.113.5"),
            (("2001:db8::1", 1, 0, 0), "2001:db8::/64"),
            (("fe80::1%eth0", 1, 0, 2), "fe80::/64"),
            (("127.0.0.1", 1), None),
            (("::1", 1, 0, 0), None),
            ("", None),  # of a Unix socket
        ],
    )
    def test_are_counted_by_network(self, address: Any, network: str | None) -> None:
        found = connections._network(address)

        assert (None if found is None else str(found)) == network
