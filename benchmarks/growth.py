"""Growth: the same requests at 1,000 to 1,000,000 rows, one after another on one connection."""

import statistics
import sys
import time

import sqlalchemy as sa

from benchmarks.client import Client, authorization
from benchmarks.data import BASIC_SIZE, grow
from benchmarks.declarations import GrowingList, declared
from benchmarks.plans import plans
from benchmarks.servers import API, serving
from benchmarks.stage import Options, Stage, stage
from benchmarks.table import markdown, show, within
from halolight.modules import find

REQUESTS = 100  # of each kind; fewer when they take more than --seconds together


LISTS: list[GrowingList] = declared("LISTS")
GROWING = [  # the other tables stay as they are
    table
    for module in find("benchmark", "tests.modules")
    if hasattr(module, "LISTS")
    for table in module.ROWS
]
PAGES = {f"page {number:,}": number for number in (1, 100, 1000)}
GOALS = {"page 1": within(2), "page 1,000": within(3)}
COUNT = "count(*)"
TOTAL = "total"  # what the API says of page 1

Figures = dict[str, float]  # milliseconds by kind of request; nothing where there is no such page


def run(options: Options) -> str:
    measured: dict[str, dict[int, Figures]] = {each.name: {} for each in LISTS}
    explained: dict[str, dict[int, list[str]]] = {each.name: {} for each in LISTS}
    with stage() as prepared, serving(API, env=prepared.env) as api:
        headers = {each.who: authorization(api.url, each.who) for each in LISTS}
        for size in sizes(options.rows):
            print(f"growth: {size:,} rows", file=sys.stderr)
            for table in GROWING:
                grow(prepared.engine, table, size)
            for each in LISTS:
                client = Client(api.url, headers[each.who])
                figures = _measure(client, each, options.seconds)
                measured[each.name][size] = figures | _count(prepared, each.table)
                explained[each.name][size] = plans(prepared, each.path, headers[each.who])
    return "\n\n".join(_section(name, measured[name], explained[name]) for name in measured)


def sizes(largest: int) -> list[int]:
    """1,000, then ten times as many until `largest`."""
    found = [BASIC_SIZE]
    while found[-1] < largest:
        found.append(min(found[-1] * 10, largest))
    return found


def _measure(client: Client, each: GrowingList, seconds: float) -> Figures:
    figures: Figures = {}
    for name, number in PAGES.items():
        path = f"{each.path}?page={number}"
        page = client.get(path)["data"]
        figures.setdefault(TOTAL, page["total"])
        if page["items"]:
            figures[name] = statistics.median(client.times(path, most=REQUESTS, seconds=seconds))
    return figures


def _count(prepared: Stage, table: str) -> Figures:
    """What the exact total alone takes, asked of PostgreSQL without the API."""
    statement = sa.text(f"SELECT count(*) FROM {table}")
    times = []
    with prepared.engine.connect() as connection:
        for _ in range(5):
            started = time.perf_counter()
            connection.scalar(statement)
            times.append((time.perf_counter() - started) * 1000)
    return {COUNT: statistics.median(times)}


def _section(name: str, measured: dict[int, Figures], explained: dict[int, list[str]]) -> str:
    columns = [*PAGES, COUNT]
    rows = [
        [
            f"{size:,}",
            f"{figures[TOTAL]:,}",
            *(f"{figures[c]:,.1f}" if c in figures else "" for c in columns),
        ]
        for size, figures in measured.items()
    ]
    rows.append(["last / first", "", *(_ratio(column, measured) for column in columns)])
    table = markdown((f"{name}: rows", TOTAL, *(f"{column} ms" for column in columns)), rows)
    notes = [
        f"- Plan of page 1 at {at} rows: {'; then '.join(f'`{step}`' for step in steps)}"
        for steps, at in _by_plan(explained).items()
    ]
    return "\n".join([table, "", *_against_page_1(measured), *notes])


def _by_plan(explained: dict[int, list[str]]) -> dict[tuple[str, ...], str]:
    """At which sizes each plan is used."""
    found: dict[tuple[str, ...], list[str]] = {}
    for size, steps in explained.items():
        found.setdefault(tuple(steps), []).append(f"{size:,}")
    return {steps: " and ".join(at) for steps, at in found.items()}


def _ratio(column: str, measured: dict[int, Figures]) -> str:
    """The time at the largest size to that at the smallest which has such a page."""
    times = [figures[column] for figures in measured.values() if column in figures]
    return show(times[-1] / times[0], GOALS.get(column)) if times else ""


def _against_page_1(measured: dict[int, Figures]) -> list[str]:
    """1,000 rows have no page 1,000, so its goal can also be read this way."""
    largest = max(measured)
    deep = measured[largest].get("page 1,000")
    if deep is None:
        return []
    ratio = deep / measured[min(measured)]["page 1"]
    return [f"- Page 1,000 at {largest:,} rows takes {ratio:.2f} times page 1 at 1,000 rows."]
