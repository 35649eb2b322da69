"""Progress bars: on a terminal, and nowhere else."""

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from halolight.config import PROJECT
from halolight.core.commands import tracked


class Terminal:
    """A terminal, and what has been written to it."""

    def __init__(self) -> None:
        self._reading, self.writing = pty.openpty()

    def text(self) -> str:
        os.close(self.writing)
        written = b""
        with suppress(OSError), open(self._reading, "rb", buffering=0) as screen:
            while some := screen.read(4096):
                written += some
        return written.decode()


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "TERM": "xterm",
        "NODE_ENV": "test",
        "DATABASE_URL": f"sqlite:///{tmp_path}/test.db",
        "STORAGE_URL": f"file:{tmp_path}/uploads",
        "JWT_SECRET": "for-tests-only-0123456789-abcdefghij",
    }


@pytest.mark.slow
def test_of_commands_are_for_terminals_only(settings: dict[str, str]) -> None:
    storage = settings["STORAGE_URL"]
    labels = {
        ("prepare", "--demo"): ["Demo data"],
        ("files", "gc"): ["Listing the storage", "Removing orphans", "Removing unused data"],
        ("files", "move-storage", storage, f"{storage}-new"): ["Copying"],
    }
    for command, expected in labels.items():
        terminal = Terminal()
        flask = [sys.executable, "-m", "flask", *command]
        shown = subprocess.run(
            flask, cwd=PROJECT, env=settings, stdout=subprocess.PIPE, stderr=terminal.writing
        )
        bars = terminal.text()
        piped = subprocess.run(flask, cwd=PROJECT, env=settings, capture_output=True, text=True)

        assert shown.returncode == piped.returncode == 0, piped.stderr
        assert sorted(set(re.findall(r"([A-Z][a-z ]+)  \[[#-]+\]", bars))) == expected
        for label in expected:
            assert label not in piped.stdout + piped.stderr
        assert b"#" not in shown.stdout


def test_leave_the_items_as_they_are() -> None:
    assert list(tracked(iter("abc"), "Counting")) == list("abc")
