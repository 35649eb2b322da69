import subprocess
import sys
import threading
from pathlib import Path

import pytest

from halolight.core.threads import run_in_cpu_thread

UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import time, gevent
from gevent.monkey import get_original
from halolight.core.threads import run_in_cpu_thread

thread_id = get_original("threading", "get_ident")
sleep = get_original("time", "sleep")
turns = []

def others():
    while True:
        turns.append(1)
        gevent.sleep(0)

def work(amount, *, unit):
    sleep(0.05)
    return thread_id(), f"{amount} {unit}"

def fails():
    raise LookupError("offloaded")

other = gevent.spawn(others)
where, result = run_in_cpu_thread(work, 3, unit="kg")
other.kill()
print("elsewhere", where != thread_id())
print("others went on", len(turns) > 1)
print(result)
try:
    run_in_cpu_thread(fails)
except LookupError as error:
    print(error)
"""


class TestOffload:
    def test_is_an_ordinary_call_without_gevent(self) -> None:
        def work(amount: int, *, unit: str) -> tuple[int, str]:
            return threading.get_ident(), f"{amount} {unit}"

        assert run_in_cpu_thread(work, 3, unit="kg") == (threading.get_ident(), "3 kg")

    def test_passes_an_exception_on(self) -> None:
        def fails() -> None:
            raise LookupError("offloaded")

        with pytest.raises(LookupError, match="offloaded"):
            run_in_cpu_thread(fails)

    def test_lets_others_go_on_under_gevent(self, project: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-c", UNDER_GEVENT],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.stdout.splitlines() == [
            "elsewhere True",
            "others went on True",
            "3 kg",
            "offloaded",
        ], done.stderr
        assert done.stderr == ""  # who catches an error decides whether to log it
