"""All of it at once: nginx, two servers, PgBouncer, PostgreSQL, Redis and an S3 store, all real.

One server is killed, the other one restarted and PgBouncer reloaded, while clients work.
"""

import http.client
import os
import random
import secrets
import signal
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask

from examples.walk import ENDPOINTS, walk
from halolight.config import PROJECT
from halolight.extensions import db
from tests.conftest import prepare
from tests.databases import new_database
from tests.factories import PASSWORD, Factory
from tests.s3_server import CREDENTIALS, s3_server
from tests.server import pgbouncer, proxy, redis_server
from tests.server.neighbour import application_beside
from tests.server.pgbouncer import connect
from tests.server.proxy import Proxy, running_proxy
from tests.server.running_server import (
    PATIENCE,
    Answer,
    Settings,
    environment,
    eventually,
    flask,
    free_port,
    production,
    server_command,
)
from tests.server.test_nginx import form

CLIENTS = 10
REQUESTS = 5_000  # of all clients together
UPSTREAM = "server 127.0.0.1:8000;"
BACK = 3.0  # seconds until nginx tries a server again that has failed; see `fail_timeout` below

pytestmark = pytest.mark.skipif(
    not all((pgbouncer.BINARY, redis_server.BINARY, proxy.NGINX)),
    reason="pgbouncer, redis-server or nginx is not installed",
)


class Machine:
    """A server at a port of its own, which can be started again there."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        folder.mkdir()
        self.port = free_port()
        self._folder, self._settings = folder, settings

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                server_command(self.port),
                cwd=PROJECT,
                env=environment(self._settings) | {"TMPDIR": str(self._folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        assert eventually(self.ready), self.log()

    def ready(self) -> bool:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with closing(client), suppress(OSError):
            client.request("GET", "/health/ready")
            return client.getresponse().status == 200
        return False

    def kill(self) -> None:
        """All its processes at once, as when a machine loses its power."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(PATIENCE)

    def log(self) -> str:
        return (self._folder / "log").read_text()


class Site:
    """The whole of it."""

    def __init__(self, proxy: Proxy, machines: list[Machine], pooler: str, app: Flask) -> None:
        self.proxy, self.machines, self.app = proxy, machines, app
        self._pooler = pooler

    def reload_pooler(self) -> None:
        console = connect(self._pooler.replace("/halolight", "/pgbouncer"))
        console.autocommit = True
        with console.cursor() as cursor:
            cursor.execute("RELOAD")
        console.close()


@pytest.fixture(scope="module")
def shared(
    postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Flask]]:
    """What both servers share, and the application beside them."""
    folder = tmp_path_factory.mktemp("shared")
    with (
        new_database(postgresql_server) as database,
        s3_server(folder / "s3.log") as bucket,
        redis_server.redis_server() as redis,
    ):
        settings = {
            **production(database, folder),
            **CREDENTIALS,
            "STORAGE_URL": bucket,
            "REDIS_URL": redis,
            "RATE_LIMIT_DEFAULT": "100000/minute",
            "TRUSTED_PROXIES": "1",
            "WEB_CONCURRENCY": "1",
        }
        flask(settings, "db", "upgrade")
        yield settings, application_beside(settings)


@pytest.fixture(params=["transaction", "session"])
def site(
    request: pytest.FixtureRequest, shared: tuple[Settings, Flask], tmp_path: Path
) -> Iterator[Site]:
    settings, app = shared
    prepare(app)
    if request.param == "session":  # as docs/operations.md has it
        settings = {**settings, "DB_POOL_SIZE": "9", "DB_MAX_OVERFLOW": "0"}
    with ExitStack() as stack:
        options = {"pool_mode": request.param, "admin_users": "somebody"}
        pooler = stack.enter_context(pgbouncer.pgbouncer(settings["DATABASE_URL"], **options))
        machines = [
            Machine(tmp_path / name, {**settings, "DATABASE_URL": pooler}) for name in ("a", "b")
        ]
        for machine in machines:
            machine.start()
            stack.callback(machine.stop)
        servers = [f"server 127.0.0.1:{each.port} fail_timeout=2s;" for each in machines]
        upstream = {UPSTREAM.replace("8000", str(machines[0].port)): "\n    ".join(servers)}
        folder = tmp_path / "nginx"
        folder.mkdir()
        front = stack.enter_context(running_proxy(folder, machines[0].port, upstream))
        yield Site(front, machines, pooler, app)
        with app.app_context():
            db.engine.dispose()


class Client:
    """Works at random, and remembers what was acknowledged and what failed."""

    def __init__(self, site: Site, token: str, seed: int) -> None:
        self._connection = site.proxy.connect()
        self._headers = {"Host": "api.example.com", "Authorization": f"Bearer {token}"}
        self._random = random.Random(seed)
        self.statuses: Counter[int | str] = Counter()
        self.failed: list[tuple[float, float, str, int | str]] = []
        self.documents: dict[int, str] = {}  # the title that each has by the last acknowledgement
        self.uncertain: dict[int, set[str]] = {}  # titles whose change was not acknowledged
        self.files: dict[int, str] = {}  # their checksums

    def call(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> Answer | None:
        began = time.monotonic()
        try:
            self._connection.request(method, path, body, self._headers | headers)
            response = self._connection.getresponse()
            answer = Answer(response.status, response.msg, response.read())
            came: int | str = answer.status
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            answer, came = None, type(error).__name__
        self.statuses[came] += 1
        if answer is None or answer.status >= 400:
            self.failed.append((began, time.monotonic(), f"{method} {path}", came))
            return None
        return answer

    def json(self, method: str, path: str, body: str) -> Answer | None:
        return self.call(method, path, body.encode(), **{"Content-Type": "application/json"})

    def create(self) -> None:
        title = secrets.token_hex(8)
        if answer := self.json("POST", "/api/documents", f'{{"title": "{title}"}}'):
            self.documents[answer.data["id"]] = title

    def change(self) -> None:
        if not self.documents:
            self.create()
            return
        chosen, title = self._random.choice(list(self.documents)), secrets.token_hex(8)
        if self.json("PUT", f"/api/documents/{chosen}", f'{{"title": "{title}"}}'):
            self.documents[chosen] = title
            self.uncertain.pop(chosen, None)
        else:
            self.uncertain.setdefault(chosen, set()).add(title)

    def upload(self) -> None:
        content = secrets.token_bytes(20_000)
        headers, body = form(content, f"{secrets.token_hex(8)}.bin")
        if answer := self.call("POST", "/api/files/upload", body, **headers):
            self.files[answer.data["id"]] = sha256(content).hexdigest()

    def download(self) -> None:
        if not self.files:
            self.upload()
            return
        chosen = self._random.choice(list(self.files))
        if answer := self.call("GET", f"/api/files/{chosen}/download"):
            assert sha256(answer.body).hexdigest() == self.files[chosen]

    def read(self) -> None:
        paths = ("/api/documents", "/api/users/me", "/api/calendar/events", "/api/notifications")
        self.call("GET", self._random.choice(paths))

    def step(self) -> None:
        kinds: list[Callable[[], None]] = [self.read, self.create, self.change]
        kinds += [self.upload, self.download]
        self._random.choices(kinds, [50, 20, 15, 5, 10])[0]()

    def lost(self) -> list[str]:
        """What was acknowledged and is not there."""
        gone = []
        for chosen, title in self.documents.items():
            answer = self.call("GET", f"/api/documents/{chosen}")
            if not answer or answer.data["title"] not in {title, *self.uncertain.get(chosen, ())}:
                gone.append(f"document {chosen}")
        for chosen, checksum in self.files.items():
            answer = self.call("GET", f"/api/files/{chosen}/download")
            if not answer or sha256(answer.body).hexdigest() != checksum:
                gone.append(f"file {chosen}")
        self._connection.close()
        return gone


@contextmanager
def working(clients: list[Client]) -> Iterator[None]:
    """The clients work until the block has ended and all requests are made."""
    left, lock, done = [REQUESTS], threading.Lock(), threading.Event()

    def work(client: Client) -> None:
        while True:
            with lock:
                left[0] -= 1
                if left[0] < 0 and done.is_set():
                    return
            client.step()

    with ThreadPoolExecutor(len(clients)) as threads:
        working = [threads.submit(work, client) for client in clients]
        try:
            yield
        finally:
            done.set()
    for each in working:
        each.result()


def test_the_walk_passes_through_all_of_it(
    site: Site, hashed_password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Factory(site.app, hashed_password).user("super_admin", email="walk@example.com")
    monkeypatch.setattr(ssl, "_create_default_https_context", ssl._create_unverified_context)

    called = walk(f"https://127.0.0.1:{site.proxy.tls}", "walk@example.com", PASSWORD, None)

    assert ENDPOINTS - called == set()
    for machine in site.machines:
        assert "status=20" in machine.log(), "nginx asks both"


def test_no_acknowledged_write_is_lost_and_only_what_is_under_way_fails(
    site: Site, hashed_password: str
) -> None:
    make = Factory(site.app, hashed_password)
    clients = [Client(site, str(make.client().token), seed) for seed in range(CLIENTS)]
    killed, restarted = site.machines

    with working(clients):
        time.sleep(2)
        killed_at = time.monotonic()
        killed.kill()
        time.sleep(1)
        killed.start()
        time.sleep(BACK)
        site.reload_pooler()
        time.sleep(1)
        restarted.stop()
        time.sleep(1)
        restarted.start()
        time.sleep(BACK)

    requests: Counter[int | str] = Counter()
    failed = []
    for client in clients:
        requests += client.statuses
        failed += client.failed
    lost = [each for client in clients for each in client.lost()]
    not_under_way = [each for each in failed if not each[0] - 0.5 < killed_at < each[1] + 0.5]
    writes = sum(len(client.documents) + len(client.files) for client in clients)
    assert requests.total() >= REQUESTS
    assert writes > REQUESTS / 10
    assert lost == []
    assert not_under_way == [], requests
    assert len(failed) <= CLIENTS
