"""Files in a bucket, and from one storage to the other."""

import http.client
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import Result
from flask import Flask

from halolight.core.storage import stores
from halolight.core.storage.disk import Disk
from halolight.modules.files.content.blobs import thumbnail_key
from tests.api_client import ApiClient
from tests.server.running_server import Answer

from .steps import assert_nothing_is_left, key_of, picture, put, stored, upload

NOWHERE = "s3://halolight?endpoint=http://127.0.0.1:1"

in_a_bucket = pytest.mark.database("postgresql")


@in_a_bucket
class TestAway:
    """A bucket that does not answer is a 503, and nothing is half done."""

    def test_for_uploads_and_downloads(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = upload(user, picture())
        key = key_of(user.app, file)
        with monkeypatch.context() as away:
            away.setitem(user.app.config, "STORAGE_URL", NOWHERE)

            for path in (file["url"], file["thumbnail"]):
                user.get(path, status=503)
                assert int(user.last.headers["Retry-After"]) > 0
            upload(user, b"other", "other.txt", status=503)
            assert int(user.last.headers["Retry-After"]) > 0
            user.delete(f"/api/files/{file['id']}")  # its bytes are left to gc

        assert stored(user.app) == [key, thumbnail_key(key)]
        for each in stored(user.app):
            with user.app.app_context():
                stores.current().delete(each)
        assert_nothing_is_left(user.app)

    def test_for_readiness(
        self, app: Flask, anonymous: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "STORAGE_URL", NOWHERE)

        response = anonymous.open("GET", "/health/ready")

        assert response.status_code == 503
        assert response.get_json()["checks"] == {
            "database": "ok",
            "migrations": "ok",
            "storage": "away",
        }


@in_a_bucket
class TestDoctor:
    def test_has_nothing_to_say_of_a_bucket_that_works(self, app: Flask) -> None:
        assert "ok  storage (s3)\n" in run(app, "doctor").output
        assert stored(app) == []

    @pytest.mark.parametrize(
        ("url", "advice"),
        [
            (NOWHERE, "!!  storage (s3): check the endpoint in STORAGE_URL"),
            ("", "!!  storage (s3): create the bucket 'elsewhere', or correct STORAGE_URL"),
        ],
    )
    def test_says_what_to_do(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch, s3_url: str, url: str, advice: str
    ) -> None:
        elsewhere = s3_url.replace("//halolight", "//elsewhere")
        monkeypatch.setitem(app.config, "STORAGE_URL", url or elsewhere)

        result = run(app, "doctor")

        assert result.exit_code == 1
        assert advice in result.output


@in_a_bucket
class TestLinks:
    """`download-url` with STORAGE_LINKS=bucket: we check the link, the bucket sends the file."""

    @pytest.fixture
    def link(self, user: ApiClient, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setitem(user.app.config, "STORAGE_LINKS", "bucket")
        file = upload(user, picture(), "Größe.png")
        url: str = user.get(f"/api/files/{file['id']}/download-url")["url"]
        return url.removeprefix("http://localhost")

    def test_lead_to_the_bucket(self, anonymous: ApiClient, link: str) -> None:
        answer = self.followed(anonymous, link)

        assert answer.body == picture()
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "Gr%C3%B6%C3%9Fe.png" in answer.headers["Content-Disposition"]

    def test_show_what_is_safe_where_that_is_asked_for(
        self, anonymous: ApiClient, link: str
    ) -> None:
        answer = self.followed(anonymous, f"{link}&inline=true")

        assert answer.headers["Content-Disposition"].startswith("inline")

    def test_answer_requests_for_headers_too(self, anonymous: ApiClient, link: str) -> None:
        answer = self.followed(anonymous, link, "HEAD")

        assert answer.status == 200
        assert answer.headers["Content-Length"] == str(len(picture()))

    def test_are_valid_for_a_minute(self, anonymous: ApiClient, link: str) -> None:
        headers = anonymous.open("GET", link).headers

        asked = parse_qs(urlsplit(headers["Location"]).query)
        assert asked["X-Amz-Expires"] == ["60"]
        assert "no-store" in headers["Cache-Control"]

    def test_end_with_the_file(self, user: ApiClient, anonymous: ApiClient, link: str) -> None:
        [file] = user.get("/api/files")["items"]
        user.delete(f"/api/files/{file['id']}")

        anonymous.get(link, status=404)

    def test_name_the_server_that_clients_reach(
        self, anonymous: ApiClient, link: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = anonymous.app.config
        url = f"{config['STORAGE_URL']}&public_endpoint=https://files.example.com"
        monkeypatch.setitem(config, "STORAGE_URL", url)

        location = anonymous.open("GET", link).headers["Location"]

        assert location.startswith("https://files.example.com/halolight/")

    def followed(self, client: ApiClient, link: str, method: str = "GET") -> Answer:
        response = client.open(method, link)
        assert response.status_code == 302
        target = urlsplit(response.headers["Location"])
        connection = http.client.HTTPConnection(target.netloc)
        connection.request(method, f"{target.path}?{target.query}")
        answer = connection.getresponse()
        found = Answer(answer.status, answer.headers, answer.read())
        connection.close()
        return found


class TestMoving:
    """From the storage of the test to a folder: with SQLite from one folder to another."""

    @pytest.fixture
    def target(self, tmp_path: Path) -> str:
        return f"file:{tmp_path}/new"

    def test_copies_everything_and_can_be_used_then(
        self, user: ApiClient, target: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = [upload(user, picture(), "a.png"), upload(user, b"b", "b.txt")]

        assert move(user.app, target).output == "Copied 3 objects, 0 were there already\n"

        monkeypatch.setitem(user.app.config, "STORAGE_URL", target)
        assert [user.download(file["url"]) for file in files] == [picture(), b"b"]
        assert user.download(files[0]["thumbnail"])
        assert run(user.app, "files", "gc").exit_code == 0

    @in_a_bucket
    def test_works_in_the_other_direction(
        self, user: ApiClient, target: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = user.app.config["STORAGE_URL"]
        with monkeypatch.context() as on_disk:
            on_disk.setitem(user.app.config, "STORAGE_URL", target)
            file = upload(user, bytes(9 * 1024**2))

        done = run(user.app, "files", "move-storage", target, source)

        assert done.output == "Copied 1 objects, 0 were there already\n"
        assert user.download(file["url"]) == bytes(9 * 1024**2)

    def test_goes_on_where_it_was_interrupted(
        self, user: ApiClient, target: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("a", "b", "c"):
            upload(user, name.encode(), name)
        receive, begun = Disk.receive, iter([True, False])

        def interrupted(disk: Disk, key: str = "") -> Any:
            if not next(begun):
                raise KeyboardInterrupt
            return receive(disk, key)

        with monkeypatch.context() as broken:
            broken.setattr(Disk, "receive", interrupted)
            move(user.app, target)

        assert move(user.app, target).output == "Copied 2 objects, 1 were there already\n"
        assert move(user.app, target).output == "Copied 0 objects, 3 were there already\n"

    def test_tells_of_what_is_damaged_or_missing(self, user: ApiClient, target: str) -> None:
        good, bad, gone = (upload(user, name.encode(), name) for name in ("good", "bad", "gone"))
        put(user.app, key_of(user.app, bad), b"bat")
        with user.app.app_context():
            stores.current().delete(key_of(user.app, gone))

        result = move(user.app, target)

        assert result.exit_code == 1
        assert "Copied 1 objects" in result.output
        for file in (bad, gone):
            assert f"Failed: {key_of(user.app, file)}" in result.output
        with user.app.app_context():
            kept = [each.key for each in stores.opened(target).stored()]
        assert kept == [key_of(user.app, good)]

    def test_keeps_nothing_that_arrives_damaged(
        self, user: ApiClient, target: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload(user, b"abc")
        receive = Disk.receive

        def damaging(disk: Disk, key: str = "") -> Any:
            incoming: Any = receive(disk, key)
            write = incoming.write
            incoming.write = lambda data: write(data.upper())
            return incoming

        monkeypatch.setattr(Disk, "receive", damaging)

        result = move(user.app, target)

        assert result.exit_code == 1
        with user.app.app_context():
            assert list(stores.opened(target).stored()) == []

    def test_asks_for_two_storages(self, app: Flask) -> None:
        result = run(app, "files", "move-storage", "file:./uploads", "ftp://x")

        assert result.exit_code == 2
        assert "neither a file: URL of a folder nor an s3:// URL" in result.output


def run(app: Flask, *command: str) -> Result:
    return app.test_cli_runner().invoke(args=command)


def move(app: Flask, target: str) -> Result:
    return run(app, "files", "move-storage", app.config["STORAGE_URL"], target)
