"""`python -m benchmarks.search [--rows N]`: searching and writing among a million documents.

On a PostgreSQL of its own, through the API on one worker. A tenth of the documents have the word
`budget` in their text, one has the word `narwhal`, and another one has it in its title. All others
are of 65,536 words. What a document costs is measured in this process and in those of PostgreSQL,
with the index and, in turns, without any tokens.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from benchmarks.client import Client, authorization
from benchmarks.declarations import ADMIN, ORDINARY
from benchmarks.plans import plans
from benchmarks.servers import API, serving
from benchmarks.stage import Stage, stage
from benchmarks.table import Goal, markdown, show, under, within
from halolight import create_app
from halolight.config import Config
from halolight.core.search.index import begin_searching, end_searching, fill
from halolight.core.search.tokens import Sources
from halolight.modules.documents.models import Document

WORDS = 40  # of a text
REQUESTS = 100  # of a search, or as many as fit into so many seconds
SECONDS = 10
CREATED = 300  # documents in a turn
TURNS = 6
TICKS = os.sysconf("SC_CLK_TCK")

ADD = sa.text(f"""
    INSERT INTO documents (title, title_key, content, type, type_key, size, views, version,
                           author_id, created_at, updated_at)
    SELECT made.title, lower(made.title), made.content, 'report', 'report', length(made.content),
           0, 1, (SELECT min(id) FROM users) + 2 + n % 998,
           now() - n * interval '1 second', now() - n * interval '1 second'
    FROM generate_series(:first, :last) AS n,
         LATERAL (SELECT CASE n WHEN 7777 THEN 'Narwhal 7777' ELSE 'Document ' || n END AS title,
                         CASE WHEN n % 10 = 0 THEN 'budget ' WHEN n = 6666 THEN 'narwhal '
                              ELSE '' END
                         || (SELECT string_agg(substr(md5(n || '.' || k), 1, 4), ' ')
                             FROM generate_series(1, {WORDS}) AS k) AS content) AS made""")
SEARCHES: dict[str, tuple[str, str, Goal | None]] = {
    "a word of two documents": (ADMIN, "q=narwhal&types=documents", under(50)),
    "a word of two, of all types": (ADMIN, "q=narwhal", under(50)),
    "two words": (ADMIN, "q=budget+narwhal&types=documents", under(50)),
    "the beginning of a title": (ADMIN, "q=document+77&types=documents", None),
    "a word of a tenth of all": (ADMIN, "q=budget&types=documents", under(300)),
    "a word of a tenth, of all types": (ADMIN, "q=budget", under(300)),
    "its tenth page": (ADMIN, "q=budget&types=documents&page=10", under(300)),
    "ordinary user: a word of two": (ORDINARY, "q=narwhal", under(50)),
    "ordinary user: a word of a tenth": (ORDINARY, "q=budget", under(50)),
    "ordinary user: one letter": (ORDINARY, "q=d", None),
}
CONTENT = " ".join(f"The quarterly figures of department {n} and what they mean." for n in range(8))


def furnish(prepared: Stage, rows: int) -> float:
    """Add the documents, and index them as the migration does; the seconds that this takes."""
    with prepared.engine.begin() as connection:
        end_searching(connection, "documents")
        first = connection.scalar(sa.text("SELECT count(*) FROM documents")) or 0
        connection.execute(ADD, {"first": first + 1, "last": rows})
    started = time.monotonic()
    with prepared.engine.begin() as connection:
        fill(connection, "documents", Document.__table__.c.search_key.info["searches"])
        begin_searching(connection, "documents")
    seconds = time.monotonic() - started
    with prepared.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
        connection.execute(sa.text("CHECKPOINT"))
    return seconds


def searches(prepared: Stage) -> str:
    rows, notes = [], []
    with serving(API, env=prepared.env) as api:
        headers = {who: authorization(api.url, who) for who in (ADMIN, ORDINARY)}
        for name, (who, query, goal) in SEARCHES.items():
            path = f"/api/search?{query}"
            client = Client(api.url, headers[who])
            results = client.get(path)["data"]
            found = sum(each["total"] for each in results)
            more = "" if all(each["totalIsExact"] for each in results) else "+"
            with cpu_of_postgresql(prepared) as used:
                times = client.times(path, most=REQUESTS, seconds=SECONDS)
            cpu = used[0] / len(times) * 1000
            median = statistics.median(times)
            rows.append([name, f"{found:,}{more}", show(median, goal, ".1f"), f"{cpu:.1f}"])
            print(rows[-1], file=sys.stderr, flush=True)
            if "types=" in query and who == ADMIN:
                plan = plans(prepared, path, headers[who])[-1]
                notes.append(f"- Plan of {name}: `{plan}`")
    table = markdown(("search", "found", "median ms", "of it CPU of PostgreSQL"), rows)
    return "\n".join([table, "", *notes])


@contextmanager
def cpu_of_postgresql(prepared: Stage) -> Iterator[list[float]]:
    """The seconds of CPU that the processes of the server take meanwhile."""
    with prepared.engine.connect() as connection:
        folder = connection.scalar(sa.text("SHOW data_directory"))
    pid = int((Path(str(folder)) / "postmaster.pid").read_text().split()[0])
    used: list[float] = []
    before = _cpu(pid)
    yield used
    used.append(_cpu(pid) - before)


def _cpu(pid: int) -> float:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    total = 0
    for each in (str(pid), *children):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def inserts(prepared: Stage) -> str:
    """What a document costs, in turns with tokens and without any."""
    app = create_app(Config.from_env({**prepared.env, "LOG_LEVEL": "ERROR"}))
    client = app.test_client()
    login = client.post("/api/auth/login", json=_credentials()).get_json()
    headers = {"Authorization": f"Bearer {login['accessToken']}"}
    costs: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for turn in range(2 * TURNS):
        indexed = turn % 2 == 0
        with patch.object(Sources, "key", Sources.key if indexed else _nothing):
            costs[indexed].append(_create(prepared, client, headers, turn))
    medians = {
        indexed: [statistics.median(each) for each in zip(*found, strict=True)]
        for indexed, found in costs.items()
    }
    rows = [
        [name, *(f"{value:.2f}" for value in medians[indexed]), f"{sum(medians[indexed]):.2f}"]
        for name, indexed in (("with the index", True), ("without tokens", False))
    ]
    ratio = sum(medians[True]) / sum(medians[False])
    rows.append(["ratio", "", "", show(ratio, within(1.25))])
    return markdown(("a new document", "CPU ms, API", "CPU ms, PostgreSQL", "together"), rows)


def _credentials() -> dict[str, str]:
    from benchmarks.data import PASSWORD

    return {"email": ADMIN, "password": PASSWORD}


def _nothing(*_: Any) -> None:
    return None


def _create(
    prepared: Stage, client: Any, headers: Mapping[str, str], turn: int
) -> tuple[float, float]:
    """The milliseconds of CPU per document: in this process, and in those of PostgreSQL."""
    with cpu_of_postgresql(prepared) as used:
        started = time.process_time()
        for number in range(CREATED):
            body = {"title": f"Figures of turn {turn}, number {number}", "content": CONTENT}
            response = client.post("/api/documents", json=body, headers=headers)
            if response.status_code != 201:
                raise RuntimeError(response.text[:300])
        ours = time.process_time() - started
    return ours / CREATED * 1000, used[0] / CREATED * 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="documents (1,000,000)")
    options = parser.parse_args()
    with stage() as prepared:
        seconds = furnish(prepared, options.rows)
        print(f"{options.rows:,} documents, indexed in {seconds:.0f} seconds.\n", flush=True)
        print(searches(prepared), end="\n\n", flush=True)
        print(inserts(prepared), flush=True)


if __name__ == "__main__":
    main()
