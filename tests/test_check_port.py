"""`make run` looks at the port before it installs anything."""

import os
import socket
import subprocess
import sys
from pathlib import Path


def check(project: Path, port: int) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-S", str(project / "deploy" / "check_port.py")],
        check=False,
        capture_output=True,
        env=os.environ | {"PORT": str(port)},
        text=True,
    )


def test_a_port_in_use_is_one_line(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = check(project, port)

    [line] = refused.stderr.splitlines()
    assert line.startswith(f"Port {port} cannot be used: ")
    assert line.endswith(f"Try PORT={port + 1} make run")
    assert refused.returncode == 1
    assert check(project, port).returncode == 0
