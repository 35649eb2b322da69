"""Reads: the API beside a bare Flask route and a raw WSGI callable on the same kind of worker."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.client import tokens
from benchmarks.declarations import Read, declared
from benchmarks.measure import Result, Target, interleaved, rss_megabytes
from benchmarks.pythons import Python, debians, ours
from benchmarks.servers import API, BARE_FLASK, RAW_WSGI, Server, serving
from benchmarks.stage import Options, Stage, stage
from benchmarks.table import markdown, show, under

MEAN, P99 = under(10), under(40)  # milliseconds, with 16 connections
RSS = under(100)  # MB

RAW, BARE = "raw WSGI callable", "bare Flask route"


READS: list[Read] = declared("READS")

GOALS = ("", "goal", "ratio to bare", "CPU µs", "CPU ratio", "verdict")
HEAD = (
    *("", "req/s", "ratio to bare", "core used", "CPU µs", "CPU ratio"),
    *("mean ms", "p50 ms", "p99 ms", "failed"),
)


def run(options: Options) -> str:
    """Throughput with 32 connections, latency with 16; throughput on Debian's Python as well."""
    rounds = {"rounds": options.rounds, "seconds": options.seconds}
    with stage() as prepared:
        with _targets(prepared, options, ours()) as (targets, servers):
            busy = interleaved(targets, connections=32, **rounds)
            calm = interleaved(targets, connections=16, **rounds)
            sizes = [rss_megabytes(server.workers[0]) for server in servers]
        parts = [_goals(ours(), busy), _memory(*sizes), _table(busy, calm)]
        if python := debians():
            with _targets(prepared, options, python) as (targets, _):
                parts.insert(1, _goals(python, interleaved(targets, connections=32, **rounds)))
    return "\n\n".join(parts)


@contextmanager
def _targets(
    prepared: Stage, options: Options, python: Python
) -> Iterator[tuple[list[Target], list[Server]]]:
    """What is measured, and the servers of the API, the bare route and the raw callable."""
    with ExitStack() as stack:
        api, bare, raw = servers = [
            stack.enter_context(serving(app, env=prepared.env, python=python))
            for app in (API, BARE_FLASK, RAW_WSGI)
        ]
        targets = [
            *(Target(RAW, raw.url, raw.workers), Target(BARE, bare.url, bare.workers)),
            *api_targets(api),
            *options.peers,
        ]
        yield targets, servers


def api_targets(api: Server) -> list[Target]:
    accounts = {who: tokens(api.url, who) for who in {read.who for read in READS}}
    return [
        Target(read.name, api.url + read.path, api.workers, tokens=accounts[read.who])
        for read in READS
    ]


def _goals(python: Python, busy: dict[str, Result]) -> str:
    """The goals of ratios, for the README: the table of all figures is wide."""
    bare = busy[BARE]
    rows = [
        [
            *(read.name, f"{read.ratio.sign} {read.ratio.bound:g}"),
            f"{busy[read.name].rate / bare.rate:.2f}",
            *(f"{busy[read.name].cpu:,.0f}", f"{bare.cpu / busy[read.name].cpu:.2f}"),
            read.ratio.verdict(busy[read.name].rate / bare.rate),
        ]
        for read in READS
        if read.ratio
    ]
    base = f"{BARE}: {bare.rate:,.0f} requests a second, {bare.cpu:,.0f} µs of CPU each."
    return f"{python.build}, {base}\n\n{markdown(GOALS, rows)}"


def _table(busy: dict[str, Result], calm: dict[str, Result]) -> str:
    """Goals only for our own: the others are what they are."""
    ours = {read.name: read for read in READS}
    rows = []
    for name in busy:
        read = ours.get(name, Read(name, ""))
        rows.append([name, *_figures(read, name in ours, busy[name], calm[name], busy[BARE])])
    return markdown(HEAD, rows)


def _figures(read: Read, ours: bool, busy: Result, calm: Result, bare: Result) -> list[str]:
    return [
        show(busy.rate, read.rate, ",.0f"),
        show(busy.rate / bare.rate, read.ratio),
        *(_cost(busy, bare) if busy.cpu else ("", "", "")),  # a peer's processes are not known
        show(calm.mean, MEAN if ours else None, ".1f"),
        f"{calm.p50:.1f}",
        show(calm.p99, P99 if ours else None, ".1f"),
        str(busy.failures + calm.failures),
    ]


def _cost(busy: Result, bare: Result) -> list[str]:
    """Where the core was not used up, PostgreSQL or wrk was the limit, or another program."""
    used = busy.rate * busy.cpu / 1e6
    return [f"{used:.0%}", f"{busy.cpu:,.0f}", f"{bare.cpu / busy.cpu:.2f}"]


def _memory(api: float, bare: float, raw: float) -> str:
    ours = RSS.judge(api, ".0f")
    return f"RSS of the worker in MB: API {ours}, {BARE} {bare:.0f}, {RAW} {raw:.0f}."
