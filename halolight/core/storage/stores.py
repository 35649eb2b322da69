"""The storage that `STORAGE_URL` names."""

from pathlib import Path

from flask import current_app

from .disk import Disk
from .location import parse
from .protocol import Storage


def current() -> Storage:
    return opened(current_app.config["STORAGE_URL"])


def opened(url: str) -> Storage:
    """The storage with this URL, which has been checked."""
    if not url.startswith("s3:"):
        return Disk(folder(url))
    from .s3 import Bucket  # 30 MB of boto3, which no other storage needs

    return Bucket(parse(url), current_app.config["MAX_UPLOAD_SIZE"])


def local_folder() -> Path:
    """The folder with the uploaded files, or that of the instance if they are in a bucket."""
    url: str = current_app.config["STORAGE_URL"]
    return folder(url if url.startswith("file:") else "file:.")


def folder(url: str) -> Path:
    """The folder of a `file:` URL; a relative one lies in `instance/`."""
    return Path(current_app.instance_path) / url.removeprefix("file:").removeprefix("//")
