"""Pictures: how long a sign-in takes while large ones are uploaded."""

import io
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from urllib.request import Request, urlopen

from PIL import Image

from benchmarks.client import authorization, percentile, sign_in
from benchmarks.declarations import ADMIN
from benchmarks.logins import Times, after
from benchmarks.measure import ALL_CPUS, rss_megabytes
from benchmarks.servers import API, serving
from benchmarks.stage import Options, stage
from benchmarks.table import markdown, show, under

PICTURES = 12
SIDE = 7000  # pixels, which is nearly as many as are decoded
MODES = ("1", "RGB")
CLIENTS = 4  # that sign in, each one request after another
SLOWDOWN = under(3)  # times the median alone

HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="%d %s.png"\r\n\r\n'
KIND = {"Content-Type": "multipart/form-data; boundary=x"}


def run(options: Options) -> str:
    """Sign-ins alone, and while twelve pictures are uploaded at once, by mode of the pictures."""
    with tempfile.TemporaryDirectory(prefix="halolight-pictures-") as folder, stage() as prepared:
        env = prepared.env | {"STORAGE_URL": f"file:{folder}"}
        with serving(API, env=env, cpus=frozenset(ALL_CPUS)) as api:
            headers = authorization(api.url, ADMIN)
            _sign_ins(api.url, after(1))
            alone = _sign_ins(api.url, after(options.seconds))
            rows = [_row("alone", alone, alone)]
            for mode in MODES:
                with ThreadPoolExecutor(PICTURES) as pool:
                    uploads = [
                        pool.submit(_upload, api.url, headers, _png(mode), number, mode)
                        for number in range(PICTURES)
                    ]
                    times = _sign_ins(api.url, partial(_all_done, uploads))
                    assert all(each.result() for each in uploads), "a thumbnail is missing"
                rows.append(_row(f"with {PICTURES} pictures of mode {mode}", times, alone))
            rss = f"RSS of the worker afterwards: {rss_megabytes(api.workers[0]):.0f} MB."
    head = (f"{CLIENTS} clients that sign in", "sign-ins", "p50 ms", "p99 ms", "p50 to alone")
    return f"{markdown(head, rows)}\n\n{rss}"


def _png(mode: str) -> bytes:
    """A picture of stripes: some kilobytes, and SIDE times SIDE pixels."""
    image = Image.new(mode, (SIDE, SIDE))
    for x in range(0, SIDE, 500):
        image.paste(1 if mode == "1" else "red", (x, 0, x + 250, SIDE))
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def _upload(url: str, headers: dict[str, str], data: bytes, number: int, mode: str) -> bool:
    body = HEAD % (number, mode.encode()) + data + b"%d\r\n--x--\r\n" % number
    request = Request(f"{url}/api/files/upload", body, headers | KIND)
    with urlopen(request, timeout=300) as response:
        return b'"thumbnail":"/api' in response.read()


def _all_done(uploads: Sequence["Future[bool]"]) -> bool:
    return all(upload.done() for upload in uploads)


def _sign_ins(url: str, over: Callable[[], bool]) -> Times:
    """The milliseconds of the sign-ins of some clients until it is over."""
    times: Times = []

    def client(number: int) -> None:
        while not over():
            times.append(_timed(partial(sign_in, url, f"person{number}@example.com")))

    threads = [threading.Thread(target=client, args=(1 + n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def _timed(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return (time.perf_counter() - started) * 1000


def _row(name: str, times: Times, alone: Times) -> list[str]:
    p50 = percentile(times, 50)
    ratio = p50 / percentile(alone, 50)
    goal = None if times is alone else SLOWDOWN
    return [
        name, str(len(times)), f"{p50:.1f}", f"{percentile(times, 99):.1f}", show(ratio, goal)
    ]  # fmt: skip
