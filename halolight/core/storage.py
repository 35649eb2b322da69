"""Where uploaded files lie."""

from pathlib import Path

from flask import current_app


def folder() -> Path:
    """The folder that `STORAGE_URL` names; a relative one lies in `instance/`."""
    path: str = current_app.config["STORAGE_URL"].removeprefix("file:").removeprefix("//")
    return Path(current_app.instance_path) / path
