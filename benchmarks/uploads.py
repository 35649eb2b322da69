"""Uploads: a file of a gigabyte in and out, and what the worker holds of it in memory."""

import hashlib
import http.client
import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from benchmarks.client import authorization
from benchmarks.declarations import ADMIN
from benchmarks.measure import rss_megabytes
from benchmarks.servers import API, serving
from benchmarks.stage import Options, stage
from benchmarks.table import markdown, under

MEGABYTES = 1024
BLOCK = random.Random(1).randbytes(1024**2)
GROWTH = under(20)  # MB of RSS more at the peak than before
SAMPLE = 0.02  # seconds between two looks at the memory

HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'
TAIL = b"\r\n--x--\r\n"
LENGTH = len(HEAD) + MEGABYTES * len(BLOCK) + len(TAIL)


def run(options: Options) -> str:
    """One upload and one download by the administrator, on a connection each."""
    with tempfile.TemporaryDirectory(prefix="halolight-uploads-") as folder, stage() as prepared:
        env = prepared.env | {"STORAGE_URL": f"file:{folder}", "MAX_UPLOAD_SIZE": "2GB"}
        with serving(API, env=env) as api:
            headers = authorization(api.url, ADMIN)
            [worker] = api.workers
            with watched(worker) as upload:
                file = send(api.url, headers)
            with watched(worker) as download:
                received = receive(api.url, headers, file["url"])
    rows = [
        [f"{name} of {MEGABYTES:,} MB", f"{MEGABYTES / seen['seconds']:.0f}",
         f"{seen['before']:.1f}", f"{seen['peak']:.1f}", f"{seen['after']:.1f}",
         GROWTH.judge(seen["peak"] - seen["before"], ".1f")]
        for name, seen in (("upload", upload), ("download", download))
    ]  # fmt: skip
    head = ("", "MB/s", "RSS before", "at the peak", "afterwards", "growth in MB")
    same = "the same" if checksum() == file["checksum"] == received else "**not the same**"
    return f"{markdown(head, rows)}\n\nSHA-256 of what was sent, stored and received: {same}."


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
