"""The Pythons that servers run on: that of the virtual environment, and Debian's where it is there.

How CPython was compiled decides 10 to 30 % of the CPU of a request, so absolute figures mean little
without it.
"""

import dataclasses as dc
import json
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

SYSTEM = Path("/usr/bin/python3")
ASK = """
import json, platform, sysconfig
arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
optimised = "--enable-optimizations" in arguments
print(json.dumps([platform.python_version(), sysconfig.get_config_var("SOABI"), optimised]))
"""


@dc.dataclass(frozen=True)
class Python:
    """An interpreter, how it was built, and the environment in which it finds our packages."""

    path: str
    build: str
    env: Mapping[str, str] = dc.field(default_factory=dict)


def ours() -> Python:
    version, _, optimised = _asked(sys.executable)
    return Python(sys.executable, f"Python {version}, {_compiled(optimised)}")


def debians() -> Python | None:
    """Debian's `python3`, if its packages are compiled as ours are. It runs with those of ours."""
    if not Path("/etc/debian_version").exists() or not SYSTEM.exists():
        return None
    version, abi, optimised = _asked(str(SYSTEM))
    if abi != sysconfig.get_config_var("SOABI") or SYSTEM.samefile(sys.executable):
        return None
    # Its makefile optimises by a profile in its own way, of which `CONFIG_ARGS` does not know.
    build = _compiled(optimised) if optimised else "optimised by Debian's own rules"
    env = {"PYTHONPATH": sysconfig.get_path("purelib")}
    return Python(str(SYSTEM), f"Debian's Python {version}, {build}", env)


def _asked(path: str) -> tuple[str, str, bool]:
    answer = subprocess.run([path, "-c", ASK], check=True, capture_output=True, text=True).stdout
    version, abi, optimised = json.loads(answer)
    return version, abi, optimised


def _compiled(optimised: bool) -> str:
    return f"built {'with' if optimised else 'without'} --enable-optimizations"
