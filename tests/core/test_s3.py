"""Buckets: how they are named, what is said of one that cannot be used, and what breaks midway."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ResponseStreamingError

from halolight.core.errors import ServiceUnavailable
from halolight.core.storage import s3
from halolight.core.storage.location import Location, checked, parse
from halolight.core.storage.protocol import Incoming
from halolight.core.storage.s3 import Bucket
from tests.s3_server import CREDENTIALS, bucket, everything_in, with_new_prefix

from .test_storage import KEY, LARGE, put, read

ENDPOINT = "http://127.0.0.1:9000"


@pytest.fixture
def empty(s3_url: str) -> Bucket:
    return bucket(with_new_prefix(s3_url))


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A bucket of a server that does not run."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return Bucket(Location("files", endpoint="http://127.0.0.1:1", addressing="path"))


class TestUrl:
    @pytest.mark.parametrize(
        ("url", "location"),
        [
            ("s3://files", Location("files")),
            ("s3://files/", Location("files")),
            ("s3://files/a/b%20c/", Location("files", "a/b c/")),
            ("s3://files?region=eu-1", Location("files", region="eu-1")),
            (
                f"s3://files?endpoint={ENDPOINT}",
                Location("files", endpoint=ENDPOINT, addressing="path"),
            ),
            (
                f"s3://files?endpoint={ENDPOINT}&addressing=virtual",
                Location("files", endpoint=ENDPOINT, addressing="virtual"),
            ),
        ],
    )
    def test_names_a_bucket(self, url: str, location: Location) -> None:
        assert checked(url) == url
        assert parse(url) == location

    def test_has_to_be_right(self) -> None:
        wrong = ["s3:", "s3://", "s3:files", "s3://a", "s3://key:secret@files", "s3://files:80"]
        options = ["endpoint", "endpoint=minio:9000", "endpoint=ftp://x", f"endpoint={ENDPOINT}/x"]
        options += ["endpoint=http://x:99999", "addressing=dns", "secret=1", "public_endpoint=x"]
        for url in [*wrong, *(f"s3://files?{option}" for option in options)]:
            with pytest.raises(ValueError, match=r"is not|has an"):
                checked(url)

    def test_asks_for_what_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

        with pytest.raises(ValueError, match=r"pip install -r requirements-s3\.txt"):
            checked("s3://files")


def test_costs_nothing_where_it_is_not_used(project: Path) -> None:
    code = "import sys, wsgi; print('boto3' in sys.modules, 'botocore' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env=os.environ | {"NODE_ENV": "test", "STORAGE_URL": "", "JWT_SECRET": "x" * 32},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "False False\n"


class TestAway:
    def test_is_a_503_of_every_call(self, away: Bucket) -> None:
        incoming = away.receive()
        incoming.write(b"x")
        calls = (
            lambda: away.open(KEY),
            lambda: away.size(KEY),
            lambda: away.delete(KEY),
            lambda: list(away.stored()),
            incoming.complete,
            lambda: away.receive().write(LARGE),
        )

        for call in calls:
            with pytest.raises(ServiceUnavailable):
                call()
        incoming.discard()

    def test_is_a_503_where_the_bucket_is_missing(self, s3_url: str) -> None:
        missing = bucket(s3_url.replace("//halolight", "//elsewhere"))

        with pytest.raises(ServiceUnavailable):
            put(missing, KEY)
        with pytest.raises(OSError, match="404") as caught:
            missing.check()
        assert caught.value.__cause__
        assert missing.advice(caught.value.__cause__).startswith("create the bucket 'elsewhere'")

    def test_has_advice_for_each_cause(self, away: Bucket) -> None:
        with pytest.raises(OSError, match="Could not connect") as caught:
            away.check()
        codes = ["403", "SignatureDoesNotMatch", "301", "RequestTimeTooSkewed"]
        errors: list[Any] = [caught.value.__cause__, NoCredentialsError()]
        errors += [ClientError({"Error": {"Code": code}}, "HeadBucket") for code in codes]
        words = ["endpoint", "AWS_ACCESS_KEY_ID", "s3:PutObject", "AWS_SECRET_ACCESS_KEY"]

        for error, word in zip(errors, [*words, "region", "clock"], strict=True):
            assert word in away.advice(error)


class TestBreaks:
    def test_a_download_goes_on_where_it_stopped(
        self, empty: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(empty, KEY, LARGE)
        get, bodies = empty.get, iter([Breaking, Breaking, unbroken])
        monkeypatch.setattr(empty, "get", lambda *asked: next(bodies)(get(*asked)))

        with empty.open(KEY, 10, len(LARGE) - 10) as reader:
            found = [reader.read(1000), reader.read(1000), reader.read(1000), reader.read()]

        assert b"".join(found) == LARGE[10:-10]

    def test_an_upload_is_complete_though_the_answer_is_lost(
        self, empty: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """boto3 asks again, and is told that there is no such upload."""
        complete = empty.client.complete_multipart_upload

        def twice(**given: Any) -> Any:
            complete(**given)
            raise ClientError({"Error": {"Code": "NoSuchUpload"}}, "CompleteMultipartUpload")

        monkeypatch.setattr(empty.client, "complete_multipart_upload", twice)

        put(empty, KEY, LARGE)

        assert read(empty, KEY) == LARGE

    @pytest.mark.parametrize("operation", ["upload_part", "complete_multipart_upload"])
    def test_an_upload_that_fails_leaves_nothing(
        self, empty: Bucket, monkeypatch: pytest.MonkeyPatch, operation: str
    ) -> None:
        def fail(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "SlowDown"}}, operation)

        with monkeypatch.context() as broken:
            broken.setattr(empty.client, operation, fail)
            incoming = empty.receive()
            with pytest.raises(ServiceUnavailable):
                fill(incoming)
            incoming.discard()

        assert everything_in(empty) == []


def unbroken(body: Any) -> Any:
    return body


def fill(incoming: Incoming) -> None:
    incoming.write(LARGE)
    incoming.complete()


BROKEN: Any = ResponseStreamingError


class Breaking:
    """The body of a response whose connection breaks after the first bytes."""

    def __init__(self, body: Any) -> None:
        self._body, self._reads = body, 0

    def read(self, size: int | None) -> bytes:
        self._reads += 1
        if self._reads > 1:
            raise BROKEN(error="reset")
        data: bytes = self._body.read(size)
        return data

    def close(self) -> None:
        self._body.close()


def test_parts_grow_with_the_largest_file(s3_url: str) -> None:
    """S3 takes 10,000 of them, all of one size but the last."""
    location = parse(s3_url)

    assert Bucket(location, 100 * 1024**2).part == s3.PART
    assert Bucket(location, 1024**4).part * s3.MAX_PARTS >= 1024**4
