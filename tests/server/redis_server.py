"""A real Redis, from Debian's package."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.server.proxy import accepts
from tests.server.running_server import PATIENCE, eventually, free_port

BINARY = shutil.which("redis-server")


@contextmanager
def redis_server() -> Iterator[str]:
    """Its address."""
    port = free_port()
    command = [str(BINARY), "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        assert eventually(lambda: accepts(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(PATIENCE)
