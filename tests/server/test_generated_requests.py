"""Requests that schemathesis generates from the OpenAPI document, valid and invalid ones."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import Factory
from tests.server.running_server import RunningServer, Settings, environment, running_server

CHECKS = (
    *("not_a_server_error", "status_code_conformance"),
    *("content_type_conformance", "response_schema_conformance"),
)
# They would end the session that the other requests are made with, or not end at all.
LEFT_OUT = r"^/api/(stream|auth/(logout|logout-all|change-password|sessions/.*))$"
EXAMPLES = 5  # per operation, beside those that try each limit of the document
ALLOWED_TIME = 900  # seconds


@pytest.fixture(scope="module")
def running(settings: Settings) -> Iterator[RunningServer]:
    with running_server(settings) as server:
        yield server


@pytest.mark.parametrize("role", ["super_admin", "user", None])
def test_are_answered_as_documented(
    running: RunningServer, make: Factory, role: str | None, tmp_path: Path
) -> None:
    caller = ["--header", f"Authorization: Bearer {make.client(role).token}"] if role else []

    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run"),
            f"http://127.0.0.1:{running.port}/openapi.json",
            *caller,
            *("--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES)),
            *("--checks", ",".join(CHECKS), "--exclude-path-regex", LEFT_OUT),
            *("--no-shrink", "--generation-database", "none", "--no-color"),
        ],
        cwd=tmp_path,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=ALLOWED_TIME,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert "Traceback" not in running.log()
