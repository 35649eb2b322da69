"""The process in which files are examined: `python -m halolight.core.media.examiner`.

A decoder may crash, take long or much memory, and keep the interpreter's lock: here that holds up
no request. The process reads a JSON line per file and writes one with what it found. It ends with
its standard input, so with the worker that has started it.
"""

import base64
import os
import resource
import signal
import sys
from typing import Any

import orjson

from halolight.core.errors import Invalid
from halolight.core.media import thumbnails

CPU_SECONDS = 10  # for one file; the process ends when it takes longer
MEMORY = 1024**3  # bytes of address space
NICENESS = 19  # requests come first


def main() -> None:
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)  # its signal ends the process
        answer = orjson.dumps(_answer(**orjson.loads(line)))
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(answer + b"\n")
        answers.flush()


def _answer(path: str, size: int, mime: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            told, picture = thumbnails.examine(file, size, mime)
    except Invalid as error:
        return {"refused": str(error)}
    return {"mime": told, "picture": base64.b64encode(picture).decode() if picture else None}


if __name__ == "__main__":
    main()
