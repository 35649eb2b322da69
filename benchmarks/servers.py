"""The servers under load: one gunicorn worker each, pinned to one core."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import SERVER_CPU

PROJECT = Path(__file__).parent.parent
SECRET = secrets.token_hex(32)


class Server:
    """A gunicorn and its workers."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self._process = process
        self.url = url

    @property
    def workers(self) -> list[int]:
        """The workers' process ids."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


def settings(database_url: str) -> dict[str, str]:
    """The API as in production, with its log switched on and thrown away."""
    return {
        "NODE_ENV": "production",
        "DATABASE_URL": database_url,
        "JWT_SECRET": SECRET,
        "LOG_FORMAT": "json",
        "DB_POOL_SIZE": "32",
        "WEB_CONCURRENCY": "1",
    }


def flask_command(*arguments: str, env: Mapping[str, str]) -> None:
    """Run `flask ...` with these settings."""
    command = [sys.executable, "-m", "flask", *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, **env}, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"flask {' '.join(arguments)} failed:\n{done.stderr}")


@contextmanager
def serving(
    app: str, *, env: Mapping[str, str] | None = None, cpus: frozenset[int] = frozenset()
) -> Iterator[Server]:
    """Serve `app` on a free port. With `env` it is the API, else a plain gevent worker."""
    port = _free_port()
    config = ["-c", "python:halolight.server"] if env else ["-k", "gevent", "-w", "1"]
    command = [sys.executable, "-m", "gunicorn", *config, "--bind", f"127.0.0.1:{port}", app]
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, cpus or {SERVER_CPU}),
    )
    server = Server(process, f"http://127.0.0.1:{port}")
    try:
        _wait(server.url + ("/health" if env else "/"))
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"{url} does not answer")
