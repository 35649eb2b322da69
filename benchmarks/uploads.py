"""Uploads: a file of a gigabyte in and out, and what the worker holds of it in memory.

First into a folder, then into a bucket on this machine, if there is an rclone to serve one.
"""

import hashlib
import http.client
import json
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.client import authorization
from benchmarks.declarations import ADMIN
from benchmarks.measure import rss_megabytes
from benchmarks.servers import API, free_port, serving
from benchmarks.stage import Options, stage
from benchmarks.table import markdown, under

MEGABYTES = 1024
BLOCK = random.Random(1).randbytes(1024**2)
GROWTH = {"folder": under(20), "bucket": under(30)}  # MB of RSS more at the peak than before
SAMPLE = 0.02  # seconds between two looks at the memory

HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'
TAIL = b"\r\n--x--\r\n"
LENGTH = len(HEAD) + MEGABYTES * len(BLOCK) + len(TAIL)

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def run(options: Options) -> str:
    """One upload and one download by the administrator, on a connection each."""
    rows, sums = [], set()
    with tempfile.TemporaryDirectory(prefix="halolight-uploads-") as folder:
        for kind in GROWTH if serves_s3() else ("folder",):
            with stage() as prepared, storage(kind, Path(folder)) as env:
                measured, received = up_and_down(prepared.env | env)
            rows += [_row(f"{name}, {kind}", kind, seen) for name, seen in measured.items()]
            sums |= received
    head = ("", "MB/s", "RSS before", "at the peak", "afterwards", "growth in MB")
    same = "the same" if sums == {checksum()} else "**not the same**"
    return f"{markdown(head, rows)}\n\nSHA-256 of what was sent, stored and received: {same}."


def _row(name: str, kind: str, seen: dict[str, float]) -> list[str]:
    return [
        f"{name}, {MEGABYTES:,} MB",
        f"{MEGABYTES / seen['seconds']:.0f}",
        *(f"{seen[moment]:.1f}" for moment in ("before", "peak", "after")),
        GROWTH[kind].judge(seen["peak"] - seen["before"], ".1f"),
    ]


def serves_s3() -> bool:
    """Whether there is an rclone that can: 1.65 or newer. An older one helps with what it lacks."""
    if not shutil.which("rclone"):
        return False
    helped = subprocess.run(["rclone", "serve", "--help"], capture_output=True, text=True).stdout
    return "\n  s3 " in helped


@contextmanager
def storage(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """The settings for a storage of this kind."""
    if kind == "folder":
        yield {"STORAGE_URL": f"file:{folder}/files"}
        return
    port = free_port()
    (folder / "halolight").mkdir()
    keys = ",".join(KEYS.values())
    command = ["rclone", "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", keys]
    server = subprocess.Popen([*command, str(folder)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)  # until it listens
        yield {**KEYS, "STORAGE_URL": f"s3://halolight?endpoint=http://127.0.0.1:{port}"}
    finally:
        server.terminate()
        server.wait()


def up_and_down(env: dict[str, str]) -> tuple[dict[str, dict[str, float]], set[str]]:
    """What was seen of the worker, and the checksums of what was stored and received."""
    with serving(API, env=env | {"MAX_UPLOAD_SIZE": "2GB"}) as api:
        headers = authorization(api.url, ADMIN)
        [worker] = api.workers
        with watched(worker) as upload:
            file = send(api.url, headers)
        with watched(worker) as download:
            received = receive(api.url, headers, file["url"])
    return {"upload": upload, "download": download}, {file["checksum"], received}


@contextmanager
def watched(pid: int) -> Iterator[dict[str, float]]:
    """The memory of a process before, at most during and after the block, and its seconds."""
    seen = {"before": rss_megabytes(pid), "peak": 0.0}
    over = threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE):
            seen["peak"] = max(seen["peak"], rss_megabytes(pid))

    looking = threading.Thread(target=look)
    looking.start()
    started = time.perf_counter()
    try:
        yield seen
    finally:
        seen["seconds"] = time.perf_counter() - started
        over.set()
        looking.join()
    seen["after"] = rss_megabytes(pid)


def blocks() -> Iterator[bytes]:
    """Each is another, so that nothing can be taken for nothing new."""
    for number in range(MEGABYTES):
        yield number.to_bytes(8, "big") + BLOCK[8:]


def checksum() -> str:
    hashed = hashlib.sha256()
    for block in blocks():
        hashed.update(block)
    return hashed.hexdigest()


def form() -> Iterator[bytes]:
    yield HEAD
    yield from blocks()
    yield TAIL


def send(url: str, headers: dict[str, str]) -> dict[str, str]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)
    kind = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(LENGTH)}
    connection.request("POST", "/api/files/upload", form(), headers | kind)
    answer = connection.getresponse().read()
    file: dict[str, str] = json.loads(answer)["data"]
    return file


def receive(url: str, headers: dict[str, str], path: str) -> str:
    """The checksum of what comes."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    hashed = hashlib.sha256()
    while chunk := response.read(1024**2):
        hashed.update(chunk)
    return hashed.hexdigest()
