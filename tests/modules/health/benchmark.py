"""What the benchmarks measure of the health check."""

from benchmarks.declarations import Read
from benchmarks.table import at_least

READS = (Read("/health", "/health", at_least(1.3), who=None, rate=at_least(5000)),)
