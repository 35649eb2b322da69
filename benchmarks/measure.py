"""Driving a server with wrk, and reading what it cost."""

import dataclasses as dc
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ALL_CPUS = frozenset(os.sched_getaffinity(0))
LOAD_CPU = max(ALL_CPUS)  # PostgreSQL and wrk; the servers have the other core
SERVER_CPU = min(ALL_CPUS)
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}
TICKS = os.sysconf("SC_CLK_TCK")
LUA = Path(__file__).parent / "lua"


@dc.dataclass(frozen=True)
class Result:
    """One run: requests per second, latencies in milliseconds, CPU per request in microseconds.

    `failures` are answers of 400 and above, broken connections and timeouts.
    """

    requests: int
    failures: int
    rate: float
    mean: float
    p50: float
    p99: float
    cpu: float


@dc.dataclass(frozen=True)
class Target:
    """Something to request. `pids` are the processes whose CPU it costs; none for a peer."""

    name: str
    url: str
    pids: Sequence[int] = ()
    headers: Mapping[str, str] = dc.field(default_factory=dict)
    tokens: Sequence[str] = ()  # of the accounts whose requests they are, each on a thread
    script: str = "accounts.lua"  # a file in lua/
    arguments: Sequence[str] = ()  # of the script, after the tokens
    cpus: frozenset[int] = frozenset({LOAD_CPU})  # where wrk runs

    def run(self, *, connections: int, seconds: int) -> Result:
        """Load it for some seconds."""
        before = sum(map(cpu_seconds, self.pids))
        command = self._command(connections, seconds)
        output = subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"LUA_PATH": f"{LUA}/?.lua"},
        ).stdout
        return parse(output, sum(map(cpu_seconds, self.pids)) - before)

    def _command(self, connections: int, seconds: int) -> list[str]:
        command = ["taskset", "-c", ",".join(map(str, sorted(self.cpus)))]
        threads = len(self.tokens) or 1
        command += ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s"]
        command += ["--latency", "--timeout", "10s"]
        command += [part for k, v in self.headers.items() for part in ("-H", f"{k}: {v}")]
        command += ["-s", str(LUA / self.script), self.url]
        return [*command, "--", ",".join(self.tokens), *self.arguments]


def parse(output: str, cpu: float) -> Result:
    """What wrk has printed. `cpu` are the seconds of CPU that the run has cost.

    The percentiles are looked for at the start of a line only: the column "+/- Stdev" above them
    is a percentage too, and now and then it ends in 99% or 50%.
    """
    requests = int(_find(r"(\d+) requests in", output))
    failed = r"(?:Non-2xx or 3xx responses:|\b(?:connect|read|write|timeout)) (\d+)"
    return Result(
        requests=requests,
        failures=sum(map(int, re.findall(failed, output))),
        rate=float(_find(r"Requests/sec:\s+([\d.]+)", output)),
        mean=_milliseconds(_find(r"^ *Latency +(\S+)", output)),
        p50=_milliseconds(_find(r"^ *50% +(\S+)", output)),
        p99=_milliseconds(_find(r"^ *99% +(\S+)", output)),
        cpu=cpu / max(requests, 1) * 1e6,
    )


def _find(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise ValueError(f"nothing like {pattern!r} in:\n{text}")
    return match[1]


def _milliseconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m|h)", text)
    if match is None:
        raise ValueError(f"wrk printed {text!r} where a time belongs")
    return float(match[1]) * UNITS[match[2]]


def interleaved(
    targets: Sequence[Target], *, rounds: int, connections: int, seconds: int
) -> dict[str, Result]:
    """The median of several runs of each. They take turns, so that a slow moment meets all.

    Before them each runs for an uncounted second: connections are made, statements compiled.
    """
    runs: dict[str, list[Result]] = {target.name: [] for target in targets}
    for target in targets:
        target.run(connections=connections, seconds=1)
    for _ in range(rounds):
        for target in targets:
            runs[target.name].append(target.run(connections=connections, seconds=seconds))
    return {name: median(results) for name, results in runs.items()}


def median(results: Sequence[Result]) -> Result:
    """The median of each figure. Requests and failures are summed: no failure is hidden."""
    figures = {
        name: statistics.median(getattr(result, name) for result in results)
        for name in ("rate", "mean", "p50", "p99", "cpu")
    }
    requests = sum(result.requests for result in results)
    return Result(requests, sum(result.failures for result in results), **figures)


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has used (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_megabytes(pid: int) -> float:
    """The memory of a process that is in RAM now, in MB of 1024 kB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(_find(r"VmRSS:\s+(\d+) kB", status)) / 1024


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        sys.exit("The benchmarks drive the server with wrk: apt-get install wrk")
