"""Every call of the HaloLight front ends, made by the program that comes with their description.

It stands beside the project and not in it. `tests/dialects/` has the essential calls.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from halolight.config import PROJECT
from tests.databases import new_database
from tests.server.running_server import PATIENCE, flask, running_server

CHECK = PROJECT.parent / "shared" / "clients" / "check.py"
CLIENTS = "next,react,vue,solid"


@pytest.mark.skipif(not CHECK.exists(), reason=f"there is no {CHECK}")
@pytest.mark.parametrize(("kind", "workers"), [("sqlite", "1"), ("postgresql", "2")])
def test_all_calls_are_answered(
    postgresql_server: str, tmp_path: Path, kind: str, workers: str
) -> None:
    with new_database(postgresql_server) as postgresql:
        settings = {
            "DATABASE_URL": postgresql if kind == "postgresql" else f"sqlite:///{tmp_path}/demo.db",
            "STORAGE_URL": f"file:{tmp_path}/uploads",
            "JWT_SECRET": "for-tests-only-0123456789-abcdefghij",
            "WEB_CONCURRENCY": workers,
        }
        flask(settings, "db", "upgrade")
        flask(settings, "seed", "--demo")
        with running_server(settings) as server:
            checked = subprocess.run(
                [sys.executable, CHECK, f"http://127.0.0.1:{server.port}", "--client", CLIENTS],
                capture_output=True,
                text=True,
                timeout=4 * PATIENCE,
                check=False,
            )

    assert checked.returncode == 0, checked.stdout
