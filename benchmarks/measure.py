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

LOAD_CPU = max(os.sched_getaffinity(0))  # PostgreSQL and wrk; the servers have the other core
SERVER_CPU = min(os.sched_getaffinity(0))
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
TICKS = os.sysconf("SC_CLK_TCK")


@dc.dataclass(frozen=True)
class Result:
    """One run: requests per second, latencies in milliseconds, CPU per request in microseconds."""

    rate: float
    mean: float
    p50: float
    p99: float
    cpu: float
    failures: int


@dc.dataclass(frozen=True)
class Target:
    """Something to request. `pids` are the processes whose CPU it costs; none for a peer."""

    name: str
    url: str
    pids: Sequence[int] = ()
    headers: Mapping[str, str] = dc.field(default_factory=dict)
    script: str = ""  # Lua, for wrk

    def run(self, *, connections: int, seconds: float) -> Result:
        """Load it for some seconds."""
        command = ["taskset", "-c", str(LOAD_CPU), "wrk", "-t1", f"-c{connections}"]
        command += [f"-d{seconds:g}s", "--latency", "--timeout", "10s"]
        command += [part for k, v in self.headers.items() for part in ("-H", f"{k}: {v}")]
        command += ["-s", self.script] if self.script else []
        before = sum(map(cpu_seconds, self.pids))
        output = subprocess.run(
            [*command, self.url], check=True, capture_output=True, text=True
        ).stdout
        return _parse(output, sum(map(cpu_seconds, self.pids)) - before)


def _parse(output: str, cpu: float) -> Result:
    requests = int(_find(r"(\d+) requests in", output))
    return Result(
        rate=float(_find(r"Requests/sec:\s+([\d.]+)", output)),
        mean=_milliseconds(_find(r"Latency\s+(\S+)", output)),
        p50=_milliseconds(_find(r"50%\s+(\S+)", output)),
        p99=_milliseconds(_find(r"99%\s+(\S+)", output)),
        cpu=cpu / max(requests, 1) * 1e6,
        failures=sum(map(int, re.findall(r"(?:Non-2xx or 3xx responses:|timeout) (\d+)", output))),
    )


def _find(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise ValueError(f"wrk said nothing of {pattern!r}:\n{text}")
    return match[1]


def _milliseconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    return float(match[1]) * UNITS[match[2]] if match else float("nan")


def interleaved(
    targets: Sequence[Target], *, rounds: int, connections: int, seconds: float
) -> dict[str, Result]:
    """The median of several runs of each. They take turns, so that a slow moment meets all."""
    runs: dict[str, list[Result]] = {target.name: [] for target in targets}
    for _ in range(rounds):
        for target in targets:
            runs[target.name].append(target.run(connections=connections, seconds=seconds))
    return {name: _median(results) for name, results in runs.items()}


def _median(results: Sequence[Result]) -> Result:
    columns = zip(*(dc.astuple(result) for result in results), strict=True)
    return Result(*(statistics.median(column) for column in columns))


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has used (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(_find(r"VmRSS:\s+(\d+) kB", status)) / 1024


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        sys.exit("The benchmarks drive the server with wrk: apt-get install wrk")
