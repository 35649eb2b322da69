"""The URLs of storages: `file:./uploads`, or a bucket.

`s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-1&addressing=path`
"""

import importlib.util
import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

ADDRESSING = ("path", "virtual")

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")


class Location(NamedTuple):
    """A bucket, and how to reach it. What is empty is left to boto3's own configuration."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    public_endpoint: str = ""
    region: str = ""
    addressing: str = ""


def checked(url: str) -> str:
    """The URL as it is. Raises ValueError if it names no storage, or one that is not installed."""
    if url.startswith("s3:"):
        parse(url)
        if importlib.util.find_spec("boto3") is None:
            raise ValueError("needs boto3: pip install -r requirements-s3.txt")
    elif not url.startswith("file:") or not url.removeprefix("file:"):
        raise ValueError(f"{url!r} is neither a file: URL of a folder nor an s3:// URL")
    return url


def parse(url: str) -> Location:
    """Where a bucket is. Raises ValueError with what is wrong."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc):
        raise ValueError("is not an s3://bucket URL (credentials are not part of it)")
    prefix = unquote(parts.path).strip("/")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := options.keys() - set(Location._fields[2:]):
        raise ValueError(f"has an unknown option {min(unknown)!r}")
    for name in ("endpoint", "public_endpoint"):
        _check_endpoint(name, options.get(name))
    if options.get("addressing", ADDRESSING[0]) not in ADDRESSING:
        raise ValueError(f"has an addressing that is not one of {', '.join(ADDRESSING)}")
    # Hosts named after buckets need DNS records that few servers other than Amazon's have.
    addressing = options.pop("addressing", "path" if options.get("endpoint") else "")
    return Location(parts.netloc, f"{prefix}/" if prefix else "", addressing=addressing, **options)


def _check_endpoint(name: str, url: str | None) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    try:
        valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.path.strip("/") or parts.query or parts.username:
        raise ValueError(f"has an {name} that is not the http:// or https:// URL of a server")
