"""Logins: 50 in flight, and how long /health takes meanwhile."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from benchmarks.client import Client, percentile
from benchmarks.data import PASSWORD
from benchmarks.measure import Result, Target, median, rss_megabytes
from benchmarks.servers import API, serving
from benchmarks.stage import Options, Stage, stage
from benchmarks.table import Goal, at_least, markdown, show, under

IN_FLIGHT = 50  # as many as one address may have under way; the next would be answered with 429
RATE = at_least(40)  # logins per second on one core
HEALTH_P99 = under(100)  # milliseconds
LONGER = 2  # times --seconds: what is in flight at the end is not counted, and must not matter
PAUSE = 0.005  # seconds between two requests for /health: it is watched, not loaded

Times = list[float]  # milliseconds


def run(options: Options) -> str:
    """/health is requested one at a time: for a second alone, then while people sign in."""
    results: list[Result] = []
    alone: Times = []
    meanwhile: Times = []
    with stage() as prepared, serving(API, env=prepared.env) as api:
        arguments = (PASSWORD, str(IN_FLIGHT))
        url = f"{api.url}/api/auth/login"
        target = Target("logins", url, api.workers, script="login.lua", arguments=arguments)
        target.run(connections=IN_FLIGHT, seconds=1)
        for _ in range(options.rounds):
            _let_finish(prepared)
            alone += _watch(api.url, after(1))
            with ThreadPoolExecutor(1) as pool:
                seconds = options.seconds * LONGER
                load = pool.submit(target.run, connections=IN_FLIGHT, seconds=seconds)
                meanwhile += _watch(api.url, load.done)
            results.append(load.result())
        rss = f"RSS of the worker afterwards: {rss_megabytes(api.workers[0]):.0f} MB."
    return "\n\n".join([_logins(median(results)), _health(alone, meanwhile), rss])


def _let_finish(prepared: Stage) -> None:
    """wrk leaves when its time is over; the logins it had sent go on, and count as attempts."""
    attempts = sa.text("SELECT count(*) FROM login_attempts WHERE kind <> 'success'")
    for _ in range(100):
        with prepared.engine.connect() as connection:
            if not connection.scalar(attempts):
                return
        time.sleep(0.1)
    raise RuntimeError("There are logins that never end.")


def after(seconds: float) -> Callable[[], bool]:
    """Whether so many seconds are over."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def _watch(url: str, over: Callable[[], bool]) -> Times:
    client = Client(url)
    times: Times = []
    while not over():
        times.append(client.time("/health"))
        time.sleep(PAUSE)
    return times


def _logins(result: Result) -> str:
    head = ("", "logins/s a core", "CPU µs", "mean ms", "p50 ms", "p99 ms", "failed")
    figures = (result.mean, result.p50, result.p99)
    row = [
        f"{IN_FLIGHT} logins in flight",
        RATE.judge(result.rate, ".1f"),
        f"{result.cpu:,.0f}",
        *(f"{milliseconds:,.0f}" for milliseconds in figures),
        str(result.failures),
    ]
    return markdown(head, [row])


def _health(alone: Times, meanwhile: Times) -> str:
    head = ("/health, one at a time", "requests", "p50 ms", "p99 ms", "max ms")
    rows = [
        _times("alone", alone, None),
        _times(f"with {IN_FLIGHT} logins in flight", meanwhile, HEALTH_P99),
    ]
    return markdown(head, rows)


def _times(name: str, times: Times, goal: Goal | None) -> list[str]:
    p99 = show(percentile(times, 99), goal, ".1f")
    return [name, str(len(times)), f"{percentile(times, 50):.1f}", p99, f"{max(times):.1f}"]
