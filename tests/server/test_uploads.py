"""Uploads on the real server: streamed, limited, stored once, and nothing is lost or left over."""

import contextlib
import hashlib
import http.client
import io
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from halolight.core.storage import stores
from halolight.extensions import db
from halolight.modules.files.content import blobs
from halolight.modules.files.content.garbage import GRACE
from halolight.modules.files.models import Blob, File
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.files.steps import END, FORM, UPLOAD, form, part
from tests.server.load import at_once
from tests.server.running_server import (
    PATIENCE,
    Answer,
    RunningServer,
    Settings,
    eventually,
    flask,
    running_server,
)

MB = 1024**2
BLOCK = random.Random(1).randbytes(MB)


def upload(
    server: RunningServer, client: ApiClient, data: bytes = b"hello", name: str = "hello.txt"
) -> Answer:
    return server.post(UPLOAD, token=client.token, body=form(data, name), headers=FORM)


def stream(megabytes: int, name: str = "big.bin") -> Iterator[bytes]:
    """A form with a large file, which nobody holds in memory."""
    yield part(f'name="file"; filename="{name}"', b"").removesuffix(b"\r\n")
    for number in range(megabytes):
        yield number.to_bytes(8, "big") + BLOCK[8:]
    yield b"\r\n" + END


def length(megabytes: int, name: str = "big.bin") -> int:
    return megabytes * MB + sum(len(piece) for piece in stream(0, name))


def checksum(megabytes: int) -> str:
    hashed = hashlib.sha256()
    for number in range(megabytes):
        hashed.update(number.to_bytes(8, "big") + BLOCK[8:])
    return hashed.hexdigest()


def memory(pid: int, line: str = "VmHWM") -> float:
    """What a process holds, or has held at most, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(each.split()[1]) for each in status.splitlines() if line in each) / 1024


def stored(settings: Settings) -> list[Path]:
    folder = Path(settings["STORAGE_URL"].removeprefix("file:"))
    return [path for path in folder.rglob("*") if path.is_file()]


def kept(app: Flask) -> set[str]:
    """The keys of all bytes that some file has."""
    with app.app_context():
        used = sa.select(Blob.storage_key).where(Blob.checksum.in_(sa.select(File.checksum)))
        return set(db.session.scalars(used))


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def assert_every_file_is_whole(app: Flask) -> int:
    """Each row has its bytes, all of them; answers how many rows there are."""
    with app.app_context():
        columns = sa.select(Blob.storage_key, File.checksum, File.size).join(Blob)
        for row in db.session.execute(columns.distinct()).all():
            with stores.current().open(row.storage_key) as file:
                data = file.read()
            assert len(data) == row.size
            assert hashlib.sha256(data).hexdigest() == row.checksum
    return count(app, File)


@pytest.fixture
def own_storage(settings: Settings, tmp_path: Path, application: Flask) -> Iterator[Settings]:
    """Settings with a storage in which nothing lies; the application beside uses it, too."""
    given = {**settings, "STORAGE_URL": f"file:{tmp_path}/uploads"}
    before = application.config["STORAGE_URL"]
    application.config["STORAGE_URL"] = given["STORAGE_URL"]
    yield given
    application.config["STORAGE_URL"] = before


@pytest.fixture
def serve(own_storage: Settings, app: Flask) -> Callable[..., Any]:
    """Starts a server with more settings.

    It takes few of the connections that the tests' PostgreSQL allows: who uploads can wait.
    """
    few = {"DB_POOL_SIZE": "5", "DB_MAX_OVERFLOW": "5"}
    return lambda **more: running_server({**own_storage, **few, **more})


class TestMemory:
    def test_a_large_file_is_never_in_it(self, serve: Callable[..., Any], user: ApiClient) -> None:
        size = 200
        with serve(MAX_UPLOAD_SIZE=f"{size}MB", WEB_CONCURRENCY="1") as server:
            [worker] = server.workers()
            small = upload(server, user).data
            server.get(small["url"], token=user.token)
            before = memory(worker)

            headers = {**FORM, "Content-Length": str(length(size))}
            file = server.post(UPLOAD, token=user.token, body=stream(size), headers=headers).data
            chunked = {**FORM, "Transfer-Encoding": "chunked"}
            other = server.post(
                UPLOAD, token=user.token, body=stream(size, "again.bin"), headers=chunked
            ).data
            received = download(server, user, file["url"])

            assert memory(worker) - before < size / 5
        assert file["size"] == size * MB
        assert file["checksum"] == other["checksum"] == received == checksum(size)


def download(server: RunningServer, client: ApiClient, path: str) -> str:
    """The checksum of what comes."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("GET", path, headers=client.headers)
    response = connection.getresponse()
    hashed = hashlib.sha256()
    while chunk := response.read(MB):
        hashed.update(chunk)
    connection.close()
    return hashed.hexdigest()


class TestLimits:
    @pytest.fixture
    def server(self, serve: Callable[..., Any]) -> Iterator[RunningServer]:
        with serve(MAX_UPLOAD_SIZE="5MB", STORAGE_QUOTA="8MB") as server:
            yield server

    def test_what_is_too_large_is_refused_and_leaves_nothing(
        self, server: RunningServer, user: ApiClient, own_storage: Settings
    ) -> None:
        fitting, chunked = {**FORM, "Content-Length": str(length(5))}, "Transfer-Encoding"
        server.post(UPLOAD, token=user.token, body=stream(5), headers=fitting)

        for size, headers in (
            (6, {"Content-Length": str(length(6))}),
            (6, {chunked: "chunked"}),
            (60, {"Content-Length": str(length(60))}),
            (60, {chunked: "chunked"}),
            (4, {"Content-Length": str(length(4))}),  # for which there is no room
            (4, {chunked: "chunked"}),
        ):
            body = stream(size)
            answer = server.post(UPLOAD, token=user.token, body=body, headers={**FORM, **headers})
            assert answer.status == 413, (size, headers)
            assert answer.json["error"]["code"] == "PAYLOAD_TOO_LARGE"

        assert {path.name for path in stored(own_storage)} == kept(user.app)
        assert count(user.app, File) == 1

    def test_a_length_that_lies_is_refused_and_leaves_nothing(
        self, server: RunningServer, user: ApiClient, own_storage: Settings
    ) -> None:
        body = form(b"x" * 1000)
        cut = body.removesuffix(END)
        for sent, told in ((body, 10), (body, len(body) - 5), (cut, len(body)), (cut, 10**6)):
            status = send_and_leave(server, user, sent, told)
            assert status in {400, None}, told

        assert eventually(lambda: stored(own_storage) == [])
        assert count(user.app, File) == 0

    @pytest.mark.parametrize(
        "body",
        [
            b"zz\r\n",
            b"5\r\nhelloxx",
            b"5\r\nhello\r\nzz\r\n",
            b"5\r\nhello\r\n0\r\nbad trailer\r\n\r\n",
        ],
    )
    @pytest.mark.parametrize(
        ("path", "kind"), [(UPLOAD, FORM["Content-Type"]), ("/api/documents", "application/json")]
    )
    def test_chunks_that_are_none_are_refused(
        self, server: RunningServer, user: ApiClient, path: str, kind: str, body: bytes
    ) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.putrequest("POST", path)
        headers = {"Content-Type": kind, "Transfer-Encoding": "chunked", **user.headers}
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)

        assert connection.getresponse().status == 400
        connection.close()

    @pytest.mark.parametrize("size", [1, 30])
    def test_a_refusal_is_heard_by_who_is_still_sending(
        self, server: RunningServer, user: ApiClient, size: int
    ) -> None:
        """And the connection can be used again."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        for headers, status in (({}, 401), (user.headers, 201 if size < 5 else 413)):
            given = {**FORM, **headers, "Content-Length": str(length(size))}
            connection.request("POST", UPLOAD, stream(size), given)
            response = connection.getresponse()
            body = json.loads(response.read())
            assert (response.status, body["success"]) == (status, status == 201)

        connection.request("GET", "/health")
        assert connection.getresponse().read()
        connection.close()

    def test_parallel_uploads_never_exceed_the_quota(
        self, server: RunningServer, user: ApiClient
    ) -> None:
        data = [BLOCK[number:] + bytes(number) for number in range(50)]  # one MB each

        answers = at_once(
            [partial(upload, server, user, each, f"{n}.bin") for n, each in enumerate(data)]
        )

        statuses = [answer.status for answer in answers]
        assert sorted(set(statuses)) == [201, 413], server.log()[-3000:]
        assert statuses.count(201) == 8
        assert server.get("/api/files/storage", token=user.token).data["used"] == 8 * MB
        assert assert_every_file_is_whole(user.app) == 8


def send_and_leave(server: RunningServer, client: ApiClient, body: bytes, told: int) -> int | None:
    """Send a body whose length is not what the header says, and end; the status, if one comes."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.putrequest("POST", UPLOAD)
    for name, value in {**FORM, **client.headers, "Content-Length": str(told)}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    connection.sock.shutdown(1)  # it sends no more
    try:
        return connection.getresponse().status
    except http.client.HTTPException:
        return None
    finally:
        connection.close()


class TestEqualBytes:
    def test_of_parallel_uploads_are_stored_once(
        self, serve: Callable[..., Any], user: ApiClient, own_storage: Settings
    ) -> None:
        with serve() as server:
            answers = at_once([partial(upload, server, user, BLOCK, f"{n}") for n in range(20)])

        assert [answer.status for answer in answers] == [201] * 20
        assert [path.name for path in stored(own_storage)] == list(kept(user.app))
        assert count(user.app, Blob) == 1
        assert assert_every_file_is_whole(user.app) == 20

    def test_are_never_lost_while_others_are_deleted_and_gc_runs(
        self, serve: Callable[..., Any], user: ApiClient, own_storage: Settings
    ) -> None:
        done = threading.Event()
        gone = [0]

        def delete() -> None:
            """Delete the files but the newest, which are being answered, again and again."""
            while not done.is_set():
                with user.app.app_context():
                    newest = db.session.scalar(sa.select(sa.func.max(File.id))) or 0
                    old = File.id < newest - 4
                    deleting = sa.delete(File).where(old).returning(File.checksum)
                    checksums = db.session.scalars(deleting).all()
                    db.session.commit()
                    gone[0] += blobs.release(checksums)

        def collect() -> None:
            for _ in range(3):
                flask(own_storage, "files", "gc")

        def send(server: RunningServer, client: int) -> list[int]:
            # Each content is used for a while and then left, so that it is stored anew and anew.
            data = [b"%d" % (n // 20 % 3) for n in range(60)]
            return [
                upload(server, user, each, f"{client}-{n}").status for n, each in enumerate(data)
            ]

        with serve() as server:
            others = [threading.Thread(target=target) for target in (delete, collect)]
            for each in others:
                each.start()
            statuses = at_once([partial(send, server, client) for client in range(4)])
            done.set()
            for each in others:
                each.join()
            last = upload(server, user, b"0", "last")

        assert {status for some in statuses for status in some} == {201}
        assert last.status == 201
        assert gone[0] > 0  # else nothing has been tried
        assert_every_file_is_whole(user.app)


class TestKill:
    def test_leaves_no_file_without_its_bytes_and_gc_cleans_up(
        self, serve: Callable[..., Any], user: ApiClient, own_storage: Settings
    ) -> None:
        with serve(WEB_CONCURRENCY="1") as server:
            for moment in range(6):
                sending = [
                    threading.Thread(target=try_to_send, args=(server, user, f"{moment}-{n}"))
                    for n in range(4)
                ]
                for each in sending:
                    each.start()
                time.sleep(0.05 * moment)
                for worker in server.workers():
                    os.kill(worker, signal.SIGKILL)
                for each in sending:
                    each.join()
                assert eventually(partial(answers, server))
            assert upload(server, user, b"after").status == 201

            files = assert_every_file_is_whole(user.app)
            then = time.time() - GRACE.total_seconds() - 60
            for path in stored(own_storage):
                os.utime(path, (then, then))
            flask(own_storage, "files", "gc")

            assert assert_every_file_is_whole(user.app) == files
            assert {path.name for path in stored(own_storage)} == kept(user.app)


def answers(server: RunningServer) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return server.get("/health", timeout=1).status == 200
    return False


def try_to_send(server: RunningServer, client: ApiClient, name: str) -> None:
    size = 20
    headers = {**FORM, "Content-Length": str(length(size, name))}
    with contextlib.suppress(OSError, http.client.HTTPException):  # killed
        server.post(UPLOAD, token=client.token, body=stream(size, name), headers=headers)


class TestLoop:
    def test_health_answers_while_thumbnails_are_made(
        self, serve: Callable[..., Any], user: ApiClient
    ) -> None:
        noise = Image.frombytes("RGB", (700, 480), BLOCK[: 700 * 480 * 3]).resize((4000, 3000))
        written = io.BytesIO()
        noise.save(written, "PNG", compress_level=1)
        data = written.getvalue()
        done = threading.Event()
        took: list[float] = []

        with serve(WEB_CONCURRENCY="1") as server:

            def ask() -> None:
                while not done.is_set():
                    begun = time.perf_counter()
                    assert server.get("/health").status == 200
                    took.append(time.perf_counter() - begun)
                    time.sleep(0.01)

            asking = threading.Thread(target=ask)
            asking.start()
            begun = time.perf_counter()
            try:
                answers = at_once(
                    [partial(upload, server, user, data + bytes([n]), f"{n}") for n in range(6)]
                )
                each = (time.perf_counter() - begun) / len(answers)
            finally:
                done.set()
                asking.join()

        assert all(answer.data["thumbnail"] for answer in answers)
        # It would wait for a whole picture. A busy machine makes both as much slower.
        assert sorted(took)[int(len(took) * 0.9)] < each / 2, (each, sorted(took)[-10:])


@pytest.fixture(autouse=True)
def _used(make: Factory) -> None:
    """The database is empty before each test."""


def processes(name: str) -> list[int]:
    """The ids of the processes that have this in their command line."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and name in (folder / "cmdline").read_bytes().decode():
                found.append(int(folder.name))
    return found


def test_pictures_are_examined_beside_the_workers_and_no_longer_than_they_live(
    settings: Settings, make: Factory
) -> None:
    before = set(processes("halolight.core.media.examiner"))
    user = make.client()
    written = io.BytesIO()
    Image.linear_gradient("L").save(written, "PNG")
    with running_server({**settings, "WEB_CONCURRENCY": "1"}) as server:
        made = [
            upload(server, user, written.getvalue() + bytes([number]), f"{number}.png").data
            for number in range(3)
        ]
        started = set(processes("halolight.core.media.examiner")) - before
        small = server.get(made[0]["thumbnail"], token=user.token)

    assert [file["type"] for file in made] == ["image"] * 3
    assert (small.status, small.headers["Content-Type"]) == (200, "image/webp")
    assert len(started) == 1
    assert eventually(lambda: not started & set(processes("halolight.core.media.examiner")))
