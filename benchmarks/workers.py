"""Workers: the users list with one and with two of them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.client import tokens
from benchmarks.declarations import ADMIN
from benchmarks.measure import ALL_CPUS, Result, Target, interleaved
from benchmarks.servers import API, serving
from benchmarks.stage import Options, stage
from benchmarks.table import at_least, markdown

RATIO = at_least(1.7)
ONE, TWO = "one worker", "two workers"


def run(options: Options) -> str:
    """Here nothing is pinned: the workers, PostgreSQL and wrk share all cores."""
    with _unpinned(), stage() as prepared:
        two_workers = prepared.env | {"WEB_CONCURRENCY": "2"}
        with (
            serving(API, env=prepared.env, cpus=ALL_CPUS) as one,
            serving(API, env=two_workers, cpus=ALL_CPUS) as two,
        ):
            accounts = tokens(one.url, ADMIN)
            targets = [
                Target(name, f"{api.url}/api/users", api.workers, tokens=accounts, cpus=ALL_CPUS)
                for name, api in ((ONE, one), (TWO, two))
            ]
            results = interleaved(
                targets, rounds=options.rounds, connections=32, seconds=options.seconds
            )
    return f"{_table(results)}\n\n{_note(results)}"


@contextmanager
def _unpinned() -> Iterator[None]:
    """What is started meanwhile may run on any core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, ALL_CPUS)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _table(results: dict[str, Result]) -> str:
    head = ("users list", "req/s", "ratio", "CPU µs", "mean ms", "p50 ms", "p99 ms", "failed")
    one = results[ONE].rate
    rows = [
        [
            name,
            f"{result.rate:,.0f}",
            RATIO.judge(result.rate / one) if name == TWO else "",
            f"{result.cpu:,.0f}",
            *(f"{milliseconds:.1f}" for milliseconds in (result.mean, result.p50, result.p99)),
            str(result.failures),
        ]
        for name, result in results.items()
    ]
    return markdown(head, rows)


def _note(results: dict[str, Result]) -> str:
    """What tells a lock between the workers from a lack of cores."""
    busy = results[TWO].rate * results[TWO].cpu / 1e6
    return (
        f"On {len(ALL_CPUS)} cores, which PostgreSQL and wrk use too. The two workers used "
        f"{busy:.2f} cores; where that is well below 2, the others took the rest."
    )
