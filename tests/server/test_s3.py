"""Files in a bucket on the real server: streamed, cooperative, and nothing is half stored."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from halolight.core.storage.s3 import Bucket
from halolight.modules.files.content import garbage
from halolight.modules.files.models import File
from tests.api_client import ApiClient
from tests.modules.files.steps import FORM, UPLOAD, archive, form, picture
from tests.s3_server import CREDENTIALS, bucket, everything_in, with_new_prefix
from tests.server.running_server import Settings, eventually, running_server
from tests.server.test_uploads import (
    BLOCK,
    answers,
    assert_every_file_is_whole,
    checksum,
    count,
    download,
    length,
    memory,
    stream,
    try_to_send,
    upload,
)


@pytest.fixture
def url(app: Flask, s3_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty place in a bucket; the application beside uses it, too."""
    url = with_new_prefix(s3_url)
    monkeypatch.setitem(app.config, "STORAGE_URL", url)
    return url


@pytest.fixture
def storage(url: str) -> Bucket:
    return bucket(url)


@pytest.fixture
def serve(settings: Settings, url: str) -> Callable[..., Any]:
    few = {"DB_POOL_SIZE": "5", "DB_MAX_OVERFLOW": "5", "WEB_CONCURRENCY": "1"}
    given = {**settings, **few, **CREDENTIALS, "STORAGE_URL": url}
    return lambda **more: running_server({**given, **more})


def test_a_large_file_is_never_in_memory(
    serve: Callable[..., Any], user: ApiClient, storage: Bucket
) -> None:
    size = 200
    with serve(MAX_UPLOAD_SIZE=f"{size}MB") as server:
        [worker] = server.workers()
        warm = server.post(
            UPLOAD,
            token=user.token,
            body=stream(20, "warm.bin"),
            headers={**FORM, "Content-Length": str(length(20, "warm.bin"))},
        ).data
        download(server, user, warm["url"])
        before = memory(worker)

        headers = {**FORM, "Content-Length": str(length(size))}
        file = server.post(UPLOAD, token=user.token, body=stream(size), headers=headers).data
        received = download(server, user, file["url"])

        assert memory(worker) - before < 30
    assert file["checksum"] == received == checksum(size)
    assert len(everything_in(storage)) == 2


def test_a_killed_worker_leaves_nothing_visible_and_gc_cleans_up(
    serve: Callable[..., Any],
    user: ApiClient,
    storage: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serve() as server:
        sending = threading.Thread(target=try_to_send, args=(server, user, "killed"))
        sending.start()
        assert eventually(lambda: everything_in(storage))  # parts of an upload
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        sending.join()
        assert eventually(lambda: answers(server))

        assert list(storage.stored()) == []
        assert count(user.app, File) == 0
        assert upload(server, user, b"after").status == 201

    monkeypatch.setattr(garbage, "GRACE", timedelta(0))
    result = user.app.test_cli_runner().invoke(args=["files", "gc"])

    assert "1 stale uploads" in result.output
    assert assert_every_file_is_whole(user.app) == 1
    assert len(everything_in(storage)) == 1


def test_files_of_several_parts_are_examined(serve: Callable[..., Any], user: ApiClient) -> None:
    """By the process beside the workers, though it knows nothing of the bucket."""
    image = picture("BMP", (2000, 1600))  # 10 MB
    document = archive(**{"[Content_Types].xml": "", "word__document.xml": ""})
    with_prefix = BLOCK * 9 + document  # as a self-extracting archive has one
    with serve() as server:
        shown = upload(server, user, image, "a.bmp").data
        small = server.get(shown["thumbnail"], token=user.token).body
        packed = upload(server, user, b"PK\x03\x04" + with_prefix, "a.zip").data

    assert small.startswith(b"RIFF")
    assert packed["mimeType"].endswith("wordprocessingml.document")


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a bucket whose server accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"s3://halolight?endpoint=http://127.0.0.1:{server.getsockname()[1]}"


def test_others_are_served_while_a_bucket_does_not_answer(
    serve: Callable[..., Any], user: ApiClient, silent: str
) -> None:
    with serve(STORAGE_URL=silent) as server:
        statuses: list[int] = []

        def upload_and_wait() -> None:
            given = {"token": user.token, "headers": FORM, "timeout": 120}
            statuses.append(server.post(UPLOAD, body=form(b"x"), **given).status)

        waiting = threading.Thread(target=upload_and_wait)
        waiting.start()
        took = []
        for _ in range(20):
            begun = time.perf_counter()
            assert server.get("/api/users/me", token=user.token).status == 200
            took.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        ready = server.get("/health/ready")
        waited = time.perf_counter() - begun
        waiting.join()

    assert statuses == [503]
    assert sorted(took)[10] < 1
    assert (ready.status, ready.json["checks"]["storage"]) == (503, "away")
    assert waited < 10
