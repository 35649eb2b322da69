"""The clients in `clients/` against the real server with demo data."""

import html
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
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
    installed = npm(folder, "ci", "--no-audit", "--no-fund", "--foreground-scripts")
    if OFFLINE.search(installed.stderr):
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
        with files_served(package) as origin:
            page = f"{origin}/test/browser.html?api=http://localhost:{server.port}"
            found = page_in_browser(page, tmp_path)

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
            "left": 0,
        }


@contextmanager
def files_served(folder: Path) -> Iterator[str]:
    """Serve a folder on another port than the API, as a front end in development is; the origin."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://localhost:{served.server_port}"
        served.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: the requests of the page are not what the tests look at."""


def page_in_browser(address: str, profile: Path) -> Any:
    """What the page writes into its `pre` element."""
    shown = subprocess.run(
        [
            str(CHROMIUM),
            *("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"),
            *("--virtual-time-budget=60000", "--dump-dom", address),
        ],
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=True,
    )
    found = re.search(r"<pre>(.*)</pre>", shown.stdout)
    assert found, shown.stdout
    return json.loads(html.unescape(found[1]))
