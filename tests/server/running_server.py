"""The real server in processes of its own, gunicorn with gevent workers, and a client for it."""

import dataclasses as dc
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from halolight.config import PROJECT

T = TypeVar("T")
Settings = Mapping[str, str]

PATIENCE = 60.0  # seconds for what takes moments on a machine that is not busy
GUNICORN = ("-m", "gunicorn", "-c", "python:halolight.server", "wsgi:app")


@dc.dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        assert self.status < HTTPStatus.BAD_REQUEST, (self.status, self.body)
        return self.json["data"]


class RunningServer:
    """A server that runs, and a client whose every request is a connection of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self._log = log

    def get(self, path: str, **kwargs: Any) -> Answer:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> Answer:
        return self.request("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> Answer:
        return self.request("PUT", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Answer:
        return self.request("DELETE", path, **kwargs)

    def request(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: Any = None,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = PATIENCE,
    ) -> Answer:
        """The complete answer. Raises OSError or HTTPException when there is none.

        Nothing a test sends may crash the application, so a 500 fails it here, with the log.
        """
        sent = {"Connection": "close"} | dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if json is not None:
            sent["Content-Type"] = "application/json"
        connection = self.connect(timeout)
        try:
            sending = body if json is None else _dumps(json)
            chunked = "Transfer-Encoding" in sent
            connection.request(method, path, sending, sent, encode_chunked=chunked)
            response = connection.getresponse()
            answer = Answer(response.status, response.msg, response.read())
        finally:
            connection.close()
        assert answer.status != HTTPStatus.INTERNAL_SERVER_ERROR, self.log()[-5000:]
        return answer

    def connect(self, timeout: float = PATIENCE) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def from_every_worker(self, call: Callable[[], Answer], *, times: int) -> list[Answer]:
        """What each worker answers, so many times: the others are held while one is asked."""
        answers: list[Answer] = []
        workers = self.workers()
        for asked in workers:
            held = [pid for pid in workers if pid != asked]
            try:
                for pid in held:
                    os.kill(pid, signal.SIGSTOP)
                answers += [call() for _ in range(times)]
            finally:
                for pid in held:
                    os.kill(pid, signal.SIGCONT)
        return answers

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True
        )
        pairs = (line.split() for line in listed.stdout.splitlines())
        return [int(pid) for pid, parent in pairs if int(parent) == self.process.pid]

    def metric_files(self) -> list[str]:
        """The names of the files in which its workers count."""
        return [file.name for file in self._log.parent.glob("halolight-metrics-*/*.db")]

    def log(self) -> str:
        """All it has written to standard output and standard error so far."""
        return self._log.read_text()

    def ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def exit_status(self) -> int:
        return self.process.wait(PATIENCE)


@contextmanager
def running_server(settings: Settings) -> Iterator[RunningServer]:
    """The server with these settings, from when it answers until the block ends."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="halolight-server-") as folder:
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                server_command(port),
                cwd=PROJECT,
                env=environment(settings) | {"PORT": str(port), "TMPDIR": folder},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a process group of its own
            )
        server = RunningServer(process, port, log)
        try:
            _wait_until_it_answers(server, int(settings.get("WEB_CONCURRENCY", "1")))
            yield server
        finally:
            _end(server)


def _wait_until_it_answers(server: RunningServer, workers: int) -> None:
    def answers() -> bool:
        assert server.process.poll() is None, server.log()
        with suppress(OSError):
            return server.get("/health").status == HTTPStatus.OK
        return False

    assert eventually(answers), server.log()
    assert eventually(lambda: len(server.workers()) == workers), server.log()


def _end(server: RunningServer) -> None:
    """Stop it if it still runs, and whatever of its process group is left."""
    server.process.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.process.wait(PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()


def production(database: str, uploads: Path) -> Settings:
    """The settings of a production server with two workers."""
    return {
        "NODE_ENV": "production",
        "DATABASE_URL": database,
        "JWT_SECRET": secrets.token_hex(32),
        "STORAGE_URL": f"file:{uploads}",
        "WEB_CONCURRENCY": "2",
    }


def server_command(port: int) -> list[str]:
    """The command that production uses, kept to this machine."""
    return [sys.executable, *GUNICORN, "--bind", f"127.0.0.1:{port}"]


def environment(settings: Settings) -> dict[str, str]:
    """Nothing of the environment of the tests but where programs are."""
    return {"PATH": os.environ["PATH"], **settings}


def flask(settings: Settings, *command: str) -> None:
    """Run a `flask` command."""
    subprocess.run(
        [sys.executable, "-m", "flask", *command],
        check=True,
        cwd=PROJECT,
        env=environment(settings),
        capture_output=True,
        timeout=PATIENCE,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def eventually(condition: Callable[[], T], *, within: float = PATIENCE) -> T:
    """The first true value of the condition, or its last value when the time is over."""
    end = time.monotonic() + within
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return value


def _dumps(value: Any) -> bytes:
    return json.dumps(value).encode()
