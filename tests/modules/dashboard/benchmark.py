"""What the benchmarks measure of the dashboard."""

from benchmarks.declarations import ORDINARY, Read

READS = (
    Read("dashboard stats", "/api/dashboard/stats"),
    Read("dashboard stats, ordinary user", "/api/dashboard/stats", who=ORDINARY),
)
