"""Five minutes of everything at once: nothing fails, nothing is left over, nothing grows."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.server.running_server import Answer, RunningServer, Settings, running_server

SECONDS = float(os.environ.get("SOAK_SECONDS", "300"))
SETTLED = 0.4  # of the time: until then caches fill and pools open
PEOPLE = 6
PAUSE = 0.02  # seconds between two requests of one person
GROWTH = 0.1  # of the memory of the workers, at most, once they have settled
CONNECTIONS = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
BOUNDARY = "soak"


class Sample(NamedTuple):
    """What the workers hold: memory in kilobytes, open files, and connections to the database."""

    memory: int
    files: int
    connections: int


@pytest.fixture
def server(settings: Settings, make: Factory) -> Iterator[RunningServer]:
    """Two workers, on a database that is empty."""
    with running_server({**settings, "RATE_LIMIT_DEFAULT": ""}) as server:
        yield server


def sample(server: RunningServer, app: Flask) -> Sample:
    memory = files = 0
    for pid in server.workers():
        [resident] = [
            int(line.split()[1])
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmRSS")
        ]
        memory += resident
        files += len(os.listdir(f"/proc/{pid}/fd"))
    with app.app_context(), db.engine.connect() as connection:
        return Sample(memory, files, connection.scalar(CONNECTIONS) or 0)


class Person:
    """Somebody who does this and that, and what came of it."""

    def __init__(self, server: RunningServer, email: str, seed: int) -> None:
        self.server, self.email = server, email
        self.random = random.Random(seed)
        self.statuses: Counter[int] = Counter()
        self.login()

    def login(self) -> None:
        body = {"email": self.email, "password": PASSWORD}
        pair = self._count(self.server.post("/api/auth/login", json=body)).data
        self.access, self.renewal = pair["accessToken"], pair["refreshToken"]

    def refresh(self) -> None:
        body = {"refreshToken": self.renewal}
        pair = self._count(self.server.post("/api/auth/refresh", json=body)).data
        self.access, self.renewal = pair["accessToken"], pair["refreshToken"]

    def logout(self) -> None:
        self._ask("POST", "/api/auth/logout")
        self.login()

    def read(self) -> None:
        for path in ("users/me", "documents", "files", "notifications", "dashboard/stats"):
            self._ask("GET", f"/api/{path}")

    def write_a_document(self) -> None:
        made = self._ask("POST", "/api/documents", json={"title": "Plan", "content": "a" * 2000})
        path = f"/api/documents/{made.data['id']}"
        self._ask("PUT", path, json={"content": "b" * 2000})
        self._ask("DELETE", path)

    def upload(self) -> None:
        content = self.random.randbytes(20_000)
        head = 'Content-Disposition: form-data; name="file"; filename="bytes.bin"'
        body = f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        made = self._ask("POST", "/api/files/upload", body=body, headers=kind)
        path = f"/api/files/{made.data['id']}"
        assert self._ask("GET", f"{path}/download").body == content
        self._ask("DELETE", path)

    def be_refused(self) -> None:
        assert self._ask("GET", "/api/audit").status == 403
        assert self._ask("GET", "/api/documents/999999999").status == 404
        assert self._ask("POST", "/api/documents", json={"title": ""}).status == 400

    def act(self) -> None:
        actions: list[Callable[[], None]] = [
            *([self.read] * 4 + [self.write_a_document] * 2),
            *(self.upload, self.be_refused, self.refresh, self.logout),
        ]
        self.random.choice(actions)()

    def _ask(self, method: str, path: str, **kwargs: object) -> Answer:
        answer = self.server.request(method, path, token=self.access, **kwargs)  # type: ignore[arg-type]
        return self._count(answer)

    def _count(self, answer: Answer) -> Answer:
        self.statuses[answer.status] += 1
        time.sleep(PAUSE)
        return answer


def test_nothing_fails_and_nothing_grows(
    server: RunningServer, app: Flask, make: Factory, user: ApiClient
) -> None:
    people = [Person(server, make.user().email, seed) for seed in range(PEOPLE)]
    over = threading.Event()

    def live(person: Person) -> None:
        while not over.is_set():
            person.act()

    with ThreadPoolExecutor(PEOPLE) as threads:
        lives = [threads.submit(live, person) for person in people]
        try:
            over.wait(SECONDS * SETTLED)
            settled = sample(server, app)
            over.wait(SECONDS * (1 - SETTLED))
            late = sample(server, app)
        finally:
            over.set()
    for life in lives:
        life.result()

    statuses = sum((person.statuses for person in people), Counter[int]())
    assert set(statuses) == {200, 201, 400, 403, 404}, statuses
    assert late.memory <= settled.memory * (1 + GROWTH), (settled, late)
    assert late.files <= settled.files + 2 * PEOPLE, (settled, late)
    assert late.connections <= settled.connections + PEOPLE, (settled, late)
    assert "Traceback" not in server.log()
