"""A client of the stream of events on a running server."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple, Self

from tests.server.proxy import Proxy
from tests.server.running_server import PATIENCE, RunningServer, eventually


class Event(NamedTuple):
    kind: str
    data: Any
    id: str | None
    at: float  # when it came, by `time.monotonic`


class Listener:
    """One connection, read by a thread of its own until it ends. Raises OSError without one."""

    def __init__(
        self, server: RunningServer | Proxy, token: str | None, after: str | None = None
    ) -> None:
        headers = {"Accept": "text/event-stream"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Last-Event-ID": after} if after else {}
        self._connection = server.connect()
        self._connection.request("GET", "/api/stream", headers=headers)
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.events: list[Event] = []
        self.last_id = after
        self.retry: int | None = None
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if sock := self._connection.sock:
            with suppress(OSError):
                sock.shutdown(2)
        self._thread.join(PATIENCE)
        self._connection.close()

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    def wait_for(self, kind: str, *, number: int = 1, within: float = PATIENCE) -> list[Event]:
        """The events of a kind, as soon as there are so many, or when the time is over."""
        eventually(lambda: len(self.of(kind)) >= number, within=within)
        return self.of(kind)

    def _read(self) -> None:
        with suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            for block in self._blocks():
                self.last_id = block.get("id", self.last_id)
                if "retry" in block:
                    self.retry = int(block["retry"])
                if "data" in block:
                    data = json.loads(block["data"])
                    event = Event(block["event"], data, block.get("id"), time.monotonic())
                    self.events.append(event)
        self.ended.set()

    def _blocks(self) -> Iterator[dict[str, str]]:
        """The fields of each event that has come whole."""
        block: dict[str, str] = {}
        for line in self._response:
            name, separator, value = line.decode().rstrip("\n").partition(": ")
            if separator:
                block[name] = value
            elif not name:
                yield block
                block = {}
