"""Writes: a document created, a document updated, a token refreshed."""

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.client import JSON, Client, percentile, sign_in, tokens
from benchmarks.data import BASIC_SIZE
from benchmarks.declarations import ADMIN
from benchmarks.measure import Result, Target, cpu_seconds, interleaved, median
from benchmarks.servers import API, Server, serving
from benchmarks.stage import Options, stage
from benchmarks.table import markdown

CONNECTIONS = 32
SESSIONS = 8

HEAD = ("", "connections", "req/s", "CPU µs", "mean ms", "p50 ms", "p99 ms", "failed")


def run(options: Options) -> str:
    with stage() as prepared, serving(API, env=prepared.env) as api:
        accounts = tokens(api.url, ADMIN)
        url = f"{api.url}/api/documents"
        size = (str(BASIC_SIZE),)
        targets = [
            Target("create a document", url, api.workers, JSON, accounts, "create.lua"),
            Target("update a document", url, api.workers, JSON, accounts, "update.lua", size),
        ]
        results = interleaved(
            targets, rounds=options.rounds, connections=CONNECTIONS, seconds=options.seconds
        )
        refreshed = median([_refresh(api, options.seconds) for _ in range(options.rounds)])
    rows = [_row(name, CONNECTIONS, result) for name, result in results.items()]
    return markdown(HEAD, [*rows, _row("refresh a token", SESSIONS, refreshed)])


def _row(name: str, connections: int, result: Result) -> list[str]:
    return [
        name,
        str(connections),
        f"{result.rate:,.0f}",
        f"{result.cpu:,.0f}",
        *(f"{milliseconds:.1f}" for milliseconds in (result.mean, result.p50, result.p99)),
        str(result.failures),
    ]


def _refresh(api: Server, seconds: float) -> Result:
    """Sessions of their own, each of which needs its newest token: wrk cannot do that."""
    emails = [f"person{number}@example.com" for number in range(1, SESSIONS + 1)]
    tokens = [sign_in(api.url, email)["refreshToken"] for email in emails]
    before = sum(map(cpu_seconds, api.workers))
    started = time.monotonic()
    with ThreadPoolExecutor(SESSIONS) as pool:
        runs = pool.map(lambda token: _refresh_again(api.url, token, started + seconds), tokens)
        times = [each for run in runs for each in run]
    cpu = sum(map(cpu_seconds, api.workers)) - before
    return _result(times, time.monotonic() - started, cpu)


def _refresh_again(url: str, token: str, end: float) -> list[float]:
    """The milliseconds of one refresh after another. A failure ends the program."""
    client = Client(url)
    times = []
    while (started := time.monotonic()) < end:
        token = client.post("/api/auth/refresh", {"refreshToken": token})["refreshToken"]
        times.append((time.monotonic() - started) * 1000)
    return times


def _result(times: Sequence[float], seconds: float, cpu: float) -> Result:
    return Result(
        requests=len(times),
        failures=0,
        rate=len(times) / seconds,
        mean=statistics.mean(times),
        p50=percentile(times, 50),
        p99=percentile(times, 99),
        cpu=cpu / len(times) * 1e6,
    )
