"""`python -m benchmarks.attacks [ATTACK ...]`: what one client can do to the others.

Four workers with the settings of production, and nothing in front. While one client does its worst,
another user requests /api/auth/me every 100 ms, each time on a new connection.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa

from benchmarks.client import authorization, percentile
from benchmarks.data import grow
from benchmarks.declarations import ADMIN, ORDINARY
from benchmarks.measure import ALL_CPUS, rss_megabytes
from benchmarks.servers import API, Server, serving
from benchmarks.stage import Stage, stage
from benchmarks.table import markdown, under

MB = 1024**2
WORST = under(1000)  # milliseconds
EVERY = 0.1  # seconds
DOCUMENTS = 300_000
MOST = 100_000  # times that an attacker comes back

Outcomes = Counter[str]


class Target(NamedTuple):
    """Who is attacked, with whose token, for how many seconds."""

    port: int
    token: str
    seconds: float

    def head(self, method: str, path: str, *headers: str) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        return "\r\n".join([*lines, *headers, "", ""]).encode()

    @property
    def authorization(self) -> str:
        return f"Authorization: Bearer {self.token}"


Attacker = Callable[[Target, Outcomes], Awaitable[None]]


async def send_one_byte(target: Target, outcomes: Outcomes) -> None:
    """A header, one byte of the body, and nothing more until the connection is closed."""
    await _send(target, outcomes, target.head("POST", LOGIN, "Content-Length: 60000"), b"{")


async def send_large_body(target: Target, outcomes: Outcomes) -> None:
    """All of 10 MB but the end, and nothing more until the connection is closed."""
    head = target.head("POST", LOGIN, f"Content-Length: {10 * MB}")
    await _send(target, outcomes, head, b"a" * (99 * MB // 10))


async def send_large_chunks(target: Target, outcomes: Outcomes) -> None:
    """The same without saying how much it will be."""
    head = target.head("POST", LOGIN, "Transfer-Encoding: chunked")
    await _send(target, outcomes, head, (b"10000\r\n" + b"a" * 65536 + b"\r\n") * 158)


async def send_long_list(target: Target, outcomes: Outcomes) -> None:
    """A complete list of 9.8 MB."""
    body = b'{"permissions": [' + b"1," * (98 * MB // 20) + b"1]}"
    path = "/api/permissions/check"
    head = target.head("POST", path, target.authorization, f"Content-Length: {len(body)}")
    await _send(target, outcomes, head, body)


async def search(target: Target, outcomes: Outcomes) -> None:
    """A search that finds nothing, and has to look at every document for it."""
    path = f"/api/documents?search=nothing{time.monotonic_ns()}"
    await _send(target, outcomes, target.head("GET", path, target.authorization), b"")


LOGIN = "/api/auth/login"
ATTACKS: dict[str, tuple[str, int, Attacker]] = {
    "one-byte": ("bodies of one byte", 4200, send_one_byte),
    "large-bodies": ("bodies of 9.9 MB", 60, send_large_body),
    "large-chunks": ("bodies of 9.9 MB in chunks", 60, send_large_chunks),
    "long-list": ("lists of 9.8 MB", 1, send_long_list),
    "searches": ("searches by one user", 150, search),
}


async def _send(target: Target, outcomes: Outcomes, head: bytes, body: bytes) -> None:
    """Send a request, wait until the answer or the end, and count what came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    try:
        writer.write(head + body)
        with suppress(ConnectionError):
            await writer.drain()
        first = await reader.readline()
        outcomes[first.decode("latin-1")[9:12] or "closed"] += 1
    finally:
        writer.transport.abort()


async def _again_and_again(attack: Attacker, target: Target, outcomes: Outcomes) -> None:
    end = time.monotonic() + target.seconds
    for _ in range(MOST):
        left = end - time.monotonic()
        if left <= 0:
            return
        try:
            async with asyncio.timeout(left):
                await attack(target, outcomes)
        except TimeoutError:
            outcomes["open at the end"] += 1
        except OSError as error:
            outcomes[type(error).__name__] += 1
        await asyncio.sleep(0.05)


def attack(name: str, number: int, target: Target) -> Outcomes:
    """So many clients at once; runs in a process of its own."""
    outcomes: Outcomes = Counter()

    async def run() -> None:
        attacker = ATTACKS[name][2]
        await asyncio.gather(*(_again_and_again(attacker, target, outcomes) for _ in range(number)))

    asyncio.run(run())
    return outcomes


def watch(port: int, token: str, over: Callable[[], bool]) -> tuple[list[float], Outcomes]:
    """The milliseconds that another user waits, and the statuses."""
    times: list[float] = []
    statuses: Outcomes = Counter()
    while not over():
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/api/auth/me", headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            response.read()
            statuses[str(response.status)] += 1
        except (OSError, HTTPException) as error:
            statuses[type(error).__name__] += 1
        finally:
            connection.close()
        took = time.perf_counter() - began
        times.append(took * 1000)
        time.sleep(max(0.0, EVERY - took))
    return times, statuses


def measured(name: str, server: Server, options: argparse.Namespace, pool: Executor) -> list[str]:
    """The row of the table about one attack."""
    title, usual, _ = ATTACKS[name]
    number = max(1, round(usual * options.factor))
    port = urlsplit(server.url).port or 0
    tokens = [authorization(server.url, who)["Authorization"][7:] for who in (ORDINARY, ADMIN)]
    before = memory(server)
    sending = pool.submit(attack, name, number, Target(port, tokens[0], options.seconds))
    times, statuses = watch(port, tokens[1], sending.done)
    return [
        f"{number} {title}",
        told(sending.result()),
        str(len(times)),
        told(statuses),
        f"{percentile(times, 99):.0f}",
        WORST.judge(max(times), ".0f"),
        f"{memory(server) - before:+.0f}",
        f"{os.getloadavg()[0]:.1f}",
    ]


def memory(server: Server) -> float:
    return sum(map(rss_megabytes, server.workers))


def told(outcomes: Outcomes) -> str:
    return ", ".join(f"{number} x {what}" for what, number in outcomes.most_common())


@contextmanager
def production(prepared: Stage, factor: float) -> Iterator[Server]:
    """Four workers with the default settings, on a database with many documents."""
    grow(prepared.engine, "documents", max(1000, round(DOCUMENTS * factor)))
    with prepared.engine.begin() as connection:  # a third of them are those of who searches
        author = "(SELECT id FROM users WHERE email = :email)"
        own = sa.text(f"UPDATE documents SET author_id = {author} WHERE id % 3 = 0")
        connection.execute(own, {"email": ORDINARY})
    env = {**prepared.env, "WEB_CONCURRENCY": "4"}
    del env["DB_POOL_SIZE"]
    with serving(API, env=env, cpus=ALL_CPUS) as server:
        yield server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attacks", description=__doc__)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=f"{', '.join(ATTACKS)} (all)")
    parser.add_argument("--seconds", type=float, default=60, help="length of each attack (60)")
    parser.add_argument("--factor", type=float, default=1, help="part of the usual load (1)")
    options = parser.parse_args()
    names = options.attacks or list(ATTACKS)
    if unknown := set(names) - set(ATTACKS):
        parser.error(f"no attack {', '.join(sorted(unknown))}: choose of {', '.join(ATTACKS)}")
    head = ("attack", "its outcome", "auth/me", "statuses", "p99 ms", "worst ms", "MB", "load")
    spawn = multiprocessing.get_context("spawn")
    rows = []
    attackers = ProcessPoolExecutor(1, mp_context=spawn)
    with attackers, stage() as prepared, production(prepared, options.factor) as server:
        for name in names:
            rows.append(measured(name, server, options, attackers))
            print(json.dumps(rows[-1]), flush=True)
    print(markdown(head, rows))


if __name__ == "__main__":
    main()
