"""End with one line if the port of the API is in use, before `make run` installs anything."""

import os
import re
import socket
import sys
from pathlib import Path


def port() -> int:
    """`PORT` of the environment or of `.env`, as the settings read it."""
    text = os.environ.get("PORT", "")
    file = Path(__file__).resolve().parent.parent / ".env"
    if not text and file.is_file():
        found = re.search(r"^\s*(?:export\s+)?PORT\s*=\s*[\"']?([0-9]+)", file.read_text(), re.M)
        text = found[1] if found else ""
    # What is no port is refused with the other settings, in better words.
    return int(text) if re.fullmatch("[0-9]{1,5}", text) and int(text) < 65536 else 8000


try:
    socket.create_server(("127.0.0.1", port())).close()
except OSError as error:
    reason = os.strerror(error.errno or 0)
    sys.exit(f"Port {port()} cannot be used: {reason}. Try PORT={port() + 1} make run")
