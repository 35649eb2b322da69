"""An S3 server on the loopback interface: that of moto, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from botocore.exceptions import BotoCoreError

from halolight.core.storage import location
from halolight.core.storage.s3 import Bucket
from tests.server.running_server import eventually, free_port

# What boto3 finds in the environment, here and in the servers that the tests start.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
BUCKET = "halolight"


@contextmanager
def s3_server(log: Path) -> Iterator[str]:
    """The `STORAGE_URL` of an empty bucket."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    os.environ.update(CREDENTIALS)
    url = f"s3://{BUCKET}?endpoint=http://127.0.0.1:{port}"
    try:
        assert eventually(lambda: _answers(url, process)), log.read_text()
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None
    try:
        bucket(url).client.create_bucket(Bucket=BUCKET)
    except BotoCoreError:
        return False
    return True


def bucket(url: str) -> Bucket:
    return Bucket(location.parse(url))


def with_new_prefix(url: str) -> str:
    """A place in the bucket in which nothing lies."""
    return url.replace(f"//{BUCKET}", f"//{BUCKET}/{uuid4().hex}")


def everything_in(storage: Bucket) -> list[str]:
    """The keys of all objects, and of uploads that are not complete."""
    names = {"Bucket": storage.name, "Prefix": storage._objects}
    objects = storage.client.list_objects_v2(**names).get("Contents", [])
    uploads = storage.client.list_multipart_uploads(**names).get("Uploads", [])
    return sorted(each["Key"].rpartition("/")[2] for each in [*objects, *uploads])
