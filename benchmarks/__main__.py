"""`python -m benchmarks [PART ...]`: the goals for speed and memory, measured.

What each part does stands in benchmarks/README.md. The tables are Markdown, so that they can be
pasted there.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import sqlalchemy as sa

from benchmarks import (
    bodies,
    costs,
    figures,
    growth,
    logins,
    memory,
    pictures,
    pythons,
    reads,
    streams,
    uploads,
    workers,
    writes,
)
from benchmarks.measure import ALL_CPUS, LOAD_CPU, SERVER_CPU, Target, require_wrk
from benchmarks.stage import Options
from tests.postgresql import postgresql

PARTS: dict[str, Callable[[Options], str]] = {
    "reads": reads.run,
    "growth": growth.run,
    "figures": figures.run,
    "logins": logins.run,
    "writes": writes.run,
    "costs": costs.run,
    "workers": workers.run,
    "memory": memory.run,
    "streams": streams.run,
    "uploads": uploads.run,
    "pictures": pictures.run,
    "bodies": bodies.run,
}
PACKAGES = ("gunicorn", "gunicorn_h1c", "gevent", "psycopg2-binary", "Flask", "SQLAlchemy")


def main() -> None:
    arguments = _arguments()
    require_wrk()
    # An end by a signal ends the servers, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.sched_setaffinity(0, {LOAD_CPU})  # and so is PostgreSQL, which we start
    options = Options(arguments.seconds, arguments.rounds, arguments.rows, _peers(arguments))
    print(_machine(options), flush=True)
    for name in arguments.parts or PARTS:
        print(f"{name} ...", file=sys.stderr)
        print(f"\n## {name.capitalize()}\n\n{PARTS[name](options)}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("parts", nargs="*", metavar="PART", type=_part, help=f"{', '.join(PARTS)} (default: all)")
    add("--seconds", type=_positive, default=5, help="length of one run under load (5)")
    add("--rounds", type=_positive, default=3, help="runs of each, of which the median counts (3)")
    add(
        "--rows",
        type=_positive,
        default=1_000_000,
        help="rows of the largest tables (1000000)",
    )
    add("--peer", action="append", default=[], metavar="URL", help="an address to read beside ours")
    add("--peer-header", action="append", default=[], metavar="'NAME: VALUE'",
        help="sent to the peers, a token for instance")  # fmt: skip
    return parser.parse_args()


def _part(name: str) -> str:
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"no part {name!r}: choose of {', '.join(PARTS)}")
    return name


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _peers(arguments: argparse.Namespace) -> list[Target]:
    pairs = (header.partition(":") for header in arguments.peer_header)
    headers = {name.strip(): value.strip() for name, _, value in pairs}
    return [Target(url, url, headers=headers) for url in arguments.peer]


def _machine(options: Options) -> str:
    """What was measured with what, and how busy the machine was before."""
    packages = [f"{name} {_version(name)}" for name in PACKAGES]
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split(" [")[0]
    cores = f"server on core {SERVER_CPU}, PostgreSQL and wrk on core {LOAD_CPU}"
    lines = [
        f"{pythons.ours().build}; {', '.join(packages)}, PostgreSQL {_postgresql()}, {wrk}",
        f"{_processor()}, {len(ALL_CPUS)} cores: {cores}; "
        f"load average before the start {os.getloadavg()[0]:.1f}",
        f"{options.rounds} rounds of {options.seconds} seconds",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # the C HTTP parser is optional
        return "not installed"


def _postgresql() -> str:
    with postgresql() as url, sa.create_engine(url).connect() as connection:
        return str(connection.scalar(sa.text("SHOW server_version")))


def _processor() -> str:
    names = (
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    )
    return next(names, ": unknown processor").partition(":")[2].strip()


if __name__ == "__main__":
    main()
