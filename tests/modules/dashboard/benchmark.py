"""What the benchmarks measure of the dashboard."""

from benchmarks.declarations import FIGURES, ORDINARY, Read

READS = (
    Read("dashboard stats", "/api/dashboard/stats", FIGURES),
    Read("dashboard stats, ordinary user", "/api/dashboard/stats", FIGURES, who=ORDINARY),
)
