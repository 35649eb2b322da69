"""The clients in `clients/` against the real server with demo data."""

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from examples.walk import mailed_token
from halolight import __version__
from halolight.config import PROJECT
from tests.http_file import fill, read
from tests.server.running_server import PATIENCE, RunningServer, flask, running_server

CLIENTS = PROJECT / "clients"
NODE = 20  # the oldest version that the TypeScript client supports
CHROMIUM = next(filter(None, map(shutil.which, ("google-chrome", "chromium"))), None)
OFFLINE = re.compile(r"E(NOTFOUND|CONNREFUSED|TIMEDOUT|AI_AGAIN|NETUNREACH)\b")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("demo")
    settings = {
        "NODE_ENV": "development",
        "DATABASE_URL": f"sqlite:///{folder}/demo.db",
        "STORAGE_URL": f"file:{folder}/uploads",
        "JWT_SECRET": "for-tests-only-0123456789-abcdefghij",
        "WEB_CONCURRENCY": "2",
    }
    flask(settings, "prepare", "--demo")
    with running_server(settings) as server:
        yield server


def test_each_request_of_the_http_file_works(server: RunningServer) -> None:
    base = f"http://127.0.0.1:{server.port}"
    variables, requests = read(CLIENTS / "http" / "halolight.http")
    responses: dict[str, Any] = {}
    failed = []
    for request in requests:
        if "{{mailedToken}}" in request.body:
            email = responses["register"].data["user"]["email"]
            variables["mailedToken"] = mailed_token(server.log, email)
        value = partial(fill, variables=variables | {"base": base}, responses=responses)
        body = value(request.body)
        if "boundary" in request.headers.get("Content-Type", ""):
            body = body.replace("\n", "\r\n")
        response = server.request(
            request.method,
            value(request.address).removeprefix(base),
            headers={name: value(text) for name, text in request.headers.items()},
            body=body.encode() or None,
        )
        responses[request.name] = response
        if not 200 <= response.status < 300:
            failed.append((request, response.status, response.body))

    assert failed == []


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the TypeScript client, installed and built."""
    if not (shutil.which("npm") and node_version() >= NODE):
        pytest.skip(f"the TypeScript client needs npm and Node.js {NODE} or newer")
    root = tmp_path_factory.mktemp("typescript")
    folder = root / "clients" / "typescript"
    built = shutil.ignore_patterns("node_modules", "dist", "build", "schema.ts")
    shutil.copytree(CLIENTS / "typescript", folder, ignore=built)
    (root / "tests").mkdir()
    shutil.copy(PROJECT / "tests" / "openapi.json", root / "tests")
    installed = npm(folder, "ci", "--no-audit", "--no-fund", "--fetch-retries=1")
    if installed.returncode and OFFLINE.search(installed.stderr):
        pytest.skip("the npm registry cannot be reached")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return folder


def node_version() -> int:
    """The major version of Node.js, or 0 without it."""
    if not (node := shutil.which("node")):
        return 0
    shown = subprocess.run([node, "--version"], check=True, capture_output=True, text=True)
    return int(shown.stdout.removeprefix("v").split(".")[0])


def npm(folder: Path, *command: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["npm", *command],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE,
        check=False,
    )


class TestTypeScript:
    def test_its_own_tests_pass(self, server: RunningServer, package: Path) -> None:
        tested = npm(package, "test", API_URL=f"http://127.0.0.1:{server.port}")

        assert tested.returncode == 0, tested.stdout + tested.stderr

    def test_has_the_version_of_the_api(self) -> None:
        described = json.loads((CLIENTS / "typescript" / "package.json").read_text())

        assert described["version"] == __version__

    @pytest.mark.skipif(not CHROMIUM, reason="there is neither google-chrome nor chromium")
    def test_works_in_a_browser(self, server: RunningServer, package: Path, tmp_path: Path) -> None:
        page = f"test/browser.html?api=http://localhost:{server.port}"

        found = result_in_browser(package, page, tmp_path)

        assert found == {
            "email": "admin@example.com",
            "answered": 20,
            "refreshes": 1,
            "locks": True,
            "uploaded": 4 * 1024 * 1024,
            "progress": True,
            "downloaded": 4 * 1024 * 1024,
            "aborted": "AbortError",
            "refused": ["VALIDATION_ERROR", True],
            "events": ["unread", "unread"],
            "left": 0,
        }


class PageServer(ThreadingHTTPServer):
    """Serves a folder on another port than the API, as a front end in development is.

    What a page sends back is in `results`.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(PageHandler, directory=str(folder)))
        self.results: Queue[Any] = Queue()


class PageHandler(SimpleHTTPRequestHandler):
    server: PageServer

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.results.put(json.loads(self.rfile.read(length)))
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the requests of the page are not what the tests look at."""


def result_in_browser(folder: Path, page: str, profile: Path) -> Any:
    """What the page sends back, shown by a browser without a window."""
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")
    with PageServer(folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://localhost:{server.server_port}/{page}"
        browser = subprocess.Popen(
            [str(CHROMIUM), *options, f"--user-data-dir={profile}", address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return server.results.get(timeout=PATIENCE)
        finally:
            browser.terminate()
            browser.wait(PATIENCE)
            server.shutdown()
