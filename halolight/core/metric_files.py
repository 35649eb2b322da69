"""The files in which the workers of one server keep their metrics, one of each kind for a worker.

Those of a worker that has ended are merged into one, so that no count is lost and no file is left.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

ENDED = "ended"  # in the name of a file, where those of a worker have its process id


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """Keep the set of files as it is: else a count could be read twice, or not at all."""
    with Path(folder, "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def merge_ended(folder: str, pid: int) -> None:
    """Add the counts of a worker that has ended to those of all that did. Its gauges are gone."""
    with locked(folder):
        for file in Path(folder).glob(f"*_{pid}.db"):
            if not file.name.startswith("gauge_"):
                _add(file, file.with_name(file.name.replace(f"_{pid}.", f"_{ENDED}.")))
            file.unlink()


def _add(file: Path, sums: Path) -> None:
    total = MmapedDict(str(sums))  # type: ignore[no-untyped-call]
    try:
        for key, value, moment, _ in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]
            before, _ = total.read_value(key)  # type: ignore[no-untyped-call]
            total.write_value(key, before + value, moment)  # type: ignore[no-untyped-call]
    finally:
        total.close()  # type: ignore[no-untyped-call]
