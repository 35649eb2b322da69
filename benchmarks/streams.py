"""Streams of events: the memory of a worker with 1,000 of them, its connections to PostgreSQL, and
the time until an event has come to all.

Also alone, without wrk: `python -m benchmarks.streams`.
"""

import selectors
import socket
import time
from urllib.parse import urlsplit

import sqlalchemy as sa

from benchmarks.client import Client, authorization
from benchmarks.declarations import ADMIN
from benchmarks.measure import rss_megabytes
from benchmarks.servers import API, Server, serving
from benchmarks.stage import Options, stage
from benchmarks.table import markdown, under

STREAMS = 1_000
OF_USER = 5
MOST_MEMORY = under(60)  # megabytes more than without streams
SETTLE = 5.0  # seconds
PATIENCE = 60.0  # seconds for an event to come to all
EVENT = b"event: notification"
CONNECTIONS = sa.text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'halolight'")


def run(_: Options | None = None) -> str:
    with stage() as prepared, serving(API, env=prepared.env) as api:
        tokens = [
            authorization(api.url, f"person{number}@example.com")["Authorization"]
            for number in range(1, STREAMS // OF_USER + 1)
        ]
        client = Client(api.url, authorization(api.url, ADMIN))
        client.get("/api/notifications")
        [worker] = api.workers
        before = rss_megabytes(worker)
        streams = [_opened(api, token) for token in tokens for _ in range(OF_USER)]
        time.sleep(SETTLE)
        while_open = rss_megabytes(worker)
        started = time.monotonic()
        client.post("/api/notifications", {"title": "To all", "all": True})
        seconds = _received_by_all(streams, started)
        after = rss_megabytes(worker)
        with prepared.engine.connect() as connection:
            connections = connection.scalar(CONNECTIONS)
        ask = Client(api.url, {})
        latency = max(ask.times("/health", most=200, seconds=5))
    rows = [
        ["RSS without a stream, in MB", f"{before:.1f}"],
        [f"more with {STREAMS:,} streams", MOST_MEMORY.judge(while_open - before, ".1f")],
        ["more after an event for all", MOST_MEMORY.judge(after - before, ".1f")],
        ["connections to PostgreSQL (the pool keeps 32)", f"{connections}"],
        ["seconds until an event for all had come to all", f"{seconds:.2f}"],
        ["longest of 200 /health meanwhile, in ms", f"{latency:.1f}"],
    ]
    return markdown(("what", "figure"), rows)


def _opened(api: Server, authorization: str) -> socket.socket:
    """A stream that has begun."""
    address = urlsplit(api.url)
    stream = socket.create_connection((str(address.hostname), address.port or 80))
    head = f"GET /api/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n"
    stream.sendall(head.encode())
    begun = stream.recv(4096)
    if not begun.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(begun.decode())
    return stream


def _received_by_all(streams: list[socket.socket], started: float) -> float:
    """Seconds until the event has come to all of them."""
    waiting = selectors.DefaultSelector()
    for stream in streams:
        waiting.register(stream, selectors.EVENT_READ)
    left = len(streams)
    while left and time.monotonic() < started + PATIENCE:
        for key, _ in waiting.select(1.0):
            received: socket.socket = key.fileobj  # type: ignore[assignment]
            if EVENT in received.recv(65536):
                waiting.unregister(received)
                left -= 1
    if left:
        raise RuntimeError(f"the event has not come to {left} streams")
    return time.monotonic() - started


if __name__ == "__main__":
    print(run())
