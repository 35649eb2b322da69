"""The servers under load: gunicorn, with one worker pinned to one core unless told otherwise."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import SERVER_CPU
from benchmarks.pythons import Python, ours

PROJECT = Path(__file__).parent.parent
SECRET = secrets.token_hex(32)

API = "wsgi:app"
BARE_FLASK = "benchmarks.baseline:flask_app"
RAW_WSGI = "benchmarks.baseline:wsgi_app"


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

    def wait(self) -> None:
        """Wait until it answers, whatever it says."""
        for _ in range(300):
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
            except urllib.error.HTTPError:
                return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        sys.exit(f"{self.url} does not answer")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def settings(database_url: str) -> dict[str, str]:
    """The API as in production, with its log switched on and thrown away."""
    return {
        "NODE_ENV": "production",
        "DATABASE_URL": database_url,
        "JWT_SECRET": SECRET,
        "JWT_ACCESS_EXPIRES": "1d",  # a long part outlasts the usual 15 minutes
        "LOG_FORMAT": "json",
        "DB_POOL_SIZE": "32",
        "WEB_CONCURRENCY": "1",
    }


def flask_command(*arguments: str, env: Mapping[str, str]) -> None:
    """Run `flask ...` with these settings."""
    _python("flask", *arguments, env=env)


def _python(module: str, *arguments: str, env: Mapping[str, str]) -> None:
    """Run `python -m ...`. If it fails, so does the benchmark, with its words."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=PROJECT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{module} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def serving(
    app: str,
    *,
    env: Mapping[str, str],
    cpus: frozenset[int] = frozenset({SERVER_CPU}),
    python: Python | None = None,
) -> Iterator[Server]:
    """Serve `app` on a free port, with the API's settings of gunicorn."""
    python = python or ours()
    port = free_port()
    config = "halolight.server" if app == API else "benchmarks.plain_server"
    arguments = ["-c", f"python:{config}", "--bind", f"127.0.0.1:{port}", app]
    # What it says while it runs is thrown away, so ask before.
    _python("gunicorn", "--check-config", *arguments, env=env)
    process = subprocess.Popen(
        [python.path, "-m", "gunicorn", *arguments],
        cwd=PROJECT,
        env={**os.environ, **env, **python.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, cpus),
    )
    server = Server(process, f"http://127.0.0.1:{port}")
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
