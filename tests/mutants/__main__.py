"""`python -m tests.mutants [ID ...]`: whether the tests notice each mutant.

Each is tried in a copy of the project: the change is made, its tests run until one fails, and the
change is undone. Ends with status 1 if a mutant survives or its tests do not run.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from halolight.config import PROJECT

from .catalogue import Mutant, mutants

KILLED, SURVIVED, BROKEN = "killed", "SURVIVED", "DOES NOT RUN"
TIME_LIMIT = 600  # seconds; a mutant that makes the tests hang has been noticed
FAILED, PASSED = 1, 0  # pytest's exit codes; all others mean that no test has run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help="the mutants to try (default: all)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    arguments = parser.parse_args()
    chosen = [each for each in mutants() if not arguments.ids or each.id in arguments.ids]
    with copies(arguments.jobs) as folders, ThreadPoolExecutor(arguments.jobs) as pool:
        verdicts = list(pool.map(lambda mutant: report(mutant, folders), chosen))
    counts = {verdict: verdicts.count(verdict) for verdict in (KILLED, SURVIVED, BROKEN)}
    print(", ".join(f"{number} {verdict}" for verdict, number in counts.items()))
    sys.exit(verdicts.count(KILLED) != len(verdicts))


@contextmanager
def copies(number: int) -> Iterator["Folders"]:
    """So many copies of the project as git knows it, with what has not been committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    names = [name for name in listed.stdout.split("\0") if (PROJECT / name).is_file()]
    with tempfile.TemporaryDirectory(prefix="halolight-mutants-") as folder:
        made = [Path(folder, str(n)) for n in range(number)]
        for copy in made:
            for name in names:
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / name, copy / name)
        yield Folders(made)


class Folders:
    """Gives each thread a copy of its own."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._free = list(folders)
        self._mine = threading.local()

    def mine(self) -> Path:
        if not hasattr(self._mine, "folder"):
            self._mine.folder = self._free.pop()
        folder: Path = self._mine.folder
        return folder


def report(mutant: Mutant, folders: Folders) -> str:
    verdict = attempt(mutant, folders.mine())
    print(f"{mutant.id:6} {verdict:13} {mutant.file}", flush=True)
    return verdict


def attempt(mutant: Mutant, folder: Path) -> str:
    """Run the mutant's tests on the mutated copy, and put the copy right again."""
    file = folder / mutant.file
    original = file.read_text()
    try:
        file.write_text(mutant.applied(original))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", *_only(mutant), *mutant.tests],
            cwd=folder,
            capture_output=True,
            timeout=TIME_LIMIT,
        )
    except subprocess.TimeoutExpired:
        return KILLED
    finally:
        file.write_text(original)
    return {FAILED: KILLED, PASSED: SURVIVED}.get(done.returncode, BROKEN)


def _only(mutant: Mutant) -> list[str]:
    """Leave out the cases of the other database."""
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}.get(mutant.database)
    return ["-k", f"not {other}"] if other else []


if __name__ == "__main__":
    main()
