"""Memory: the worker's RSS as requests go by."""

from benchmarks.client import tokens
from benchmarks.declarations import ADMIN
from benchmarks.measure import Target, rss_megabytes
from benchmarks.reads import READS, RSS
from benchmarks.servers import API, serving
from benchmarks.stage import Options, stage
from benchmarks.table import markdown

STEPS = (1_000, 20_000, 100_000)  # requests
SLICE = 5  # seconds of wrk at a time, which knows no number of requests; at first 1


def run(options: Options) -> str:
    """All of the reads in turn, by four administrators, on 32 connections."""
    rows = []
    failures = requests = 0
    with stage() as prepared, serving(API, env=prepared.env) as api:
        accounts = tokens(api.url, ADMIN)
        paths = sorted({read.path for read in READS})
        target = Target(
            "reads", api.url, api.workers, tokens=accounts, script="reads.lua", arguments=paths
        )
        for step in STEPS:
            while requests < step:
                result = target.run(connections=32, seconds=SLICE if requests else 1)
                requests += result.requests
                failures += result.failures
            rss = rss_megabytes(api.workers[0])
            last = step == STEPS[-1]
            rows.append([f"{requests:,}", RSS.judge(rss, ".1f") if last else f"{rss:.1f}"])
    return f"{markdown(('requests', 'RSS in MB'), rows)}\n\nFailed requests: {failures}."
