"""A process of its own for work that may crash, or take long or much memory."""

import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import gevent
import orjson

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]  # where Python finds this package
# The rest, with its secrets, is none of its business.
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")


class ChildProcess:
    """A Python module that runs as a process and answers each line of JSON with another.

    It is started when it is first needed, and again after it has ended. It takes one question at a
    time. For use under gevent, where others continue meanwhile.
    """

    def __init__(self, module: str, seconds: float) -> None:
        self._module = module
        self._seconds = seconds  # from the question to the answer
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: Any) -> Any | None:
        """The answer; None if the process could not be started, ended, or took too long."""
        with self._turn:
            line = b""
            try:
                with suppress(OSError), gevent.Timeout(self._seconds, False):  # type: ignore[arg-type]
                    line = self._exchange(orjson.dumps(question) + b"\n")
            finally:
                if not line.endswith(b"\n"):  # nobody may get the answer that is still to come
                    self.end()
            return orjson.loads(line) if line.endswith(b"\n") else None

    def _exchange(self, line: bytes) -> bytes:
        if self._process is None or self._process.poll() is not None:
            self._process = self._started()
        process = self._process
        stdin, stdout = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        stdin.write(line)
        stdin.flush()
        return stdout.readline()

    def _started(self) -> subprocess.Popen[bytes]:
        log.info("starting %s", self._module)
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            start_new_session=True,  # Ctrl-C is for the server, which ends this, too
        )

    def end(self) -> None:
        """Kill the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
