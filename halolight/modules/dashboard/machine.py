"""The load of this machine and this service, as the operating system reports it."""

import os
import shutil
from pathlib import Path
from typing import Any

from halolight.core import metrics
from halolight.core.storage import stores

MEMORY = Path("/proc/meminfo")  # of Linux; elsewhere nothing is known of the memory


def get_overview() -> dict[str, Any]:
    """Processor, memory and disk in per cent; what the service has answered since it began."""
    totals = metrics.totals()
    return {
        "cpu": _cpu(),
        "memory": _memory(),
        "disk": _disk(),
        "uptime": int(totals.uptime),
        "requests": totals.requests,
        "errors": totals.errors,
        "response_time": round(1000 * totals.seconds / max(totals.requests, 1), 1),
    }


def _cpu() -> float:
    """How much of the processors the work of the last minute would have kept busy."""
    return round(min(100 * os.getloadavg()[0] / (os.cpu_count() or 1), 100), 1)


def _memory() -> float | None:
    if not MEMORY.exists():
        return None
    lines = (line.split() for line in MEMORY.read_text().splitlines())
    kilobytes = {line[0]: int(line[1]) for line in lines}
    return round(100 * (1 - kilobytes["MemAvailable:"] / kilobytes["MemTotal:"]), 1)


def _disk() -> float:
    """Of the disk on which uploaded files lie, or the database of SQLite if that is a bucket."""
    folder = stores.local_folder().absolute()  # it may not be there yet
    usage = shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists()))
    return round(100 * usage.used / usage.total, 1)
