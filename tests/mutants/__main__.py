"""`python -m tests.mutants [ID ...]`: whether the tests notice each mutant.

Each is tried in a copy of the project: the change is made, its tests run until one fails, and the
change is undone. Ends with status 1 if a mutant survives or its tests do not run.
"""

import argparse
import dataclasses as dc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue

from halolight.config import PROJECT
from tests.databases import hurry
from tests.postgresql import postgresql

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
    with places(arguments.jobs) as free, ThreadPoolExecutor(arguments.jobs) as pool:
        verdicts = list(pool.map(lambda mutant: report(mutant, free), chosen))
    counts = {verdict: verdicts.count(verdict) for verdict in (KILLED, SURVIVED, BROKEN)}
    print(", ".join(f"{number} {verdict}" for verdict, number in counts.items()))
    sys.exit(verdicts.count(KILLED) != len(verdicts))


@dc.dataclass(frozen=True)
class Place:
    """Where mutants are tried, one after the other."""

    folder: Path  # a copy of the project
    database: str  # a PostgreSQL server, which each run would otherwise have to start

    def environment(self) -> dict[str, str]:
        return os.environ | {"TEST_DATABASE_URL": self.database}


@contextmanager
def places(number: int) -> Iterator[SimpleQueue[Place]]:
    """So many copies of the project as git knows it, with what has not been committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    names = [name for name in listed.stdout.split("\0") if (PROJECT / name).is_file()]
    free: SimpleQueue[Place] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="halolight-mutants-") as folder, ExitStack() as stack:
        for n in range(number):
            copy = Path(folder, str(n))
            for name in names:
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / name, copy / name)
            server = stack.enter_context(postgresql())
            hurry(server)
            free.put(Place(copy, server))
        yield free


def report(mutant: Mutant, free: SimpleQueue[Place]) -> str:
    place = free.get()
    try:
        verdict = attempt(mutant, place)
    finally:
        free.put(place)
    print(f"{mutant.id:6} {verdict:13} {mutant.file}", flush=True)
    return verdict


def attempt(mutant: Mutant, place: Place) -> str:
    """Run the mutant's tests on the mutated copy, and put the copy right again."""
    file = place.folder / mutant.file
    original = file.read_text()
    try:
        file.write_text(mutant.applied(original))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", *_only(mutant), *mutant.tests],
            cwd=place.folder,
            env=place.environment(),
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
