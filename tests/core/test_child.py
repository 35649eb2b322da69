"""A child process under gevent: it answers, others go on, and its end is nobody else's."""

import subprocess
import sys
from pathlib import Path

import pytest

UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import io, os, signal, tempfile, time, gevent
from PIL import Image
from halolight.core.child import ChildProcess
from halolight.core.media import examining, thumbnails

os.environ["JWT_SECRET"] = "secret"

def stored(data):
    file = tempfile.NamedTemporaryFile(suffix=".png")
    file.write(data)
    file.flush()
    return file

def picture(colour, side=300):
    written = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(written, "PNG")
    return written.getvalue()

def colour(small):
    return Image.open(io.BytesIO(small)).convert("RGB").getpixel((5, 5))

def examine(data):
    file = stored(data)
    return examining.examine(file, len(data), "image/png")[1]

turns = []
def others():
    while True:
        turns.append(1)
        gevent.sleep(0)
other = gevent.spawn(others)
small = examine(picture("red"))
other.kill()
print("others went on", len(turns) > 100)
child = examining._examiner
first = child._process
environment = open(f"/proc/{first.pid}/environ").read()
print("knows secrets", "JWT_SECRET" in environment)
print("priority", os.getpriority(os.PRIO_PROCESS, first.pid))

jobs = [gevent.spawn(examine, picture(c)) for c in ("red", "lime", "blue") * 3]
gevent.joinall(jobs)
seen = [max(range(3), key=colour(job.value).__getitem__) for job in jobs]
print("each got its own", seen == [0, 1, 2] * 3, child._process is first)

os.kill(first.pid, signal.SIGKILL)
gevent.sleep(0.2)
print("starts again", examine(picture("red")) is not None, child._process is not first)

os.kill(child._process.pid, signal.SIGSTOP)
child._seconds = 0.2
print("without an answer", examine(picture("red")))
child._seconds = 60
print("goes on", examine(picture("red")) is not None)

os.kill(child._process.pid, signal.SIGSTOP)
with gevent.Timeout(0.2, False):
    examine(picture("red"))
print("whose wait was cut short", colour(examine(picture("blue")))[2] > 200)

missing = ChildProcess("halolight.core.nothing", 20)
print("a module that is not there", missing.ask({}))
print(examining.examine(stored(b"x"), 1, "application/zip"))
"""

EXPECTED = """others went on True
knows secrets False
priority 19
each got its own True True
starts again True True
without an answer None
goes on True
whose wait was cut short True
a module that is not there None
('application/zip', None)
"""


@pytest.mark.slow
def test_a_child_process_is_restarted_and_never_mixes_answers_up(project: Path) -> None:
    command = [sys.executable, "-c", UNDER_GEVENT]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120)

    assert (done.stdout, done.returncode) == (EXPECTED, 0), done.stderr
