import pytest

from halolight.core.errors import CODES
from halolight.core.storage import downloads, stores
from halolight.modules.files.content import blobs
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory

from .steps import add_folder, delete_files, picture, stored, upload

DATA = bytes(range(256)) * 4000  # more than one chunk
SIZE = len(DATA)


@pytest.fixture
def url(user: ApiClient) -> str:
    address: str = upload(user, DATA, "data.bin")["url"]
    return address


class TestDownload:
    def test_answers_with_every_byte(self, user: ApiClient, url: str) -> None:
        assert user.download(url) == DATA

        headers = user.last.headers
        assert headers["Content-Length"] == str(SIZE)
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Accept-Ranges"] == "bytes"
        assert headers["Cache-Control"] == "private, no-cache"

    def test_head_tells_the_same_without_the_bytes(self, user: ApiClient, url: str) -> None:
        # RFC 9110, 14.2: a Range means something for GET alone.
        response = user.open("HEAD", url, headers={"Range": "bytes=1-2"})

        assert response.status_code == 200
        assert response.data == b""
        assert response.headers["Content-Length"] == str(SIZE)

    def test_of_what_is_not_there_or_not_visible_is_the_same(
        self, user: ApiClient, make: Factory, url: str
    ) -> None:
        error = make.client().get(url, status=404)

        assert error == user.get("/api/files/999999/download", status=404)

    def test_of_a_folder_is_404(self, user: ApiClient) -> None:
        user.get(f"/api/files/{add_folder(user, '/Projects')}/download", status=404)

    def test_of_everything_for_who_manages_files(self, admin: ApiClient, url: str) -> None:
        assert admin.download(url) == DATA

    def test_asks_for_the_permission(self, anonymous: ApiClient, make: Factory, url: str) -> None:
        anonymous.get(url, status=401)
        make.client("guest").get(url, status=403)

    def test_of_bytes_that_have_just_gone_is_404(self, user: ApiClient, url: str) -> None:
        user.download(url)
        [key] = stored(user.app)
        with user.app.app_context():
            stores.current().delete(key)

        user.get(url, status=404)

    def test_goes_on_when_the_file_is_deleted_meanwhile(self, user: ApiClient) -> None:
        file = upload(user, DATA)
        response = user.app.test_client().get(file["url"], headers=user.headers)
        parts = response.iter_encoded()
        first = next(iter(parts))

        checksums = delete_files(user.app, file["id"])
        with user.app.app_context():
            assert blobs.release(checksums) == 1

        assert len(first) == downloads.CHUNK
        assert first + b"".join(parts) == DATA
        response.close()
        user.get(file["url"], status=404)


class TestRange:
    @each(
        ("asked", "start", "stop"),
        [
            ("bytes=0-0", 0, 1),
            ("bytes=0-99", 0, 100),
            ("bytes=100-", 100, SIZE),
            ("bytes=-100", SIZE - 100, SIZE),
            (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
            ("bytes=500-99999999999", 500, SIZE),
            (f"bytes=-{SIZE * 2}", 0, SIZE),
            ("bytes=262143-262145", 262_143, 262_146),
        ],
    )
    def test_answers_with_that_part(
        self, user: ApiClient, url: str, asked: str, start: int, stop: int
    ) -> None:
        assert user.download(url, status=206, headers={"Range": asked}) == DATA[start:stop]

        assert user.last.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
        assert user.last.headers["Content-Length"] == str(stop - start)

    @each("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0"])
    def test_beyond_the_end_is_416(self, user: ApiClient, url: str, asked: str) -> None:
        error = user.get(url, status=416, headers={"Range": asked})

        assert error["code"] == CODES[416]
        assert user.last.headers["Content-Range"] == f"bytes */{SIZE}"

    @each(
        "asked",
        ["bytes=5-2", "bytes=a-b", "bytes=", "lines=0-1", "bytes=0-1,5-6", "x", "bytes=--1"],
    )
    def test_that_is_none_or_several_gets_the_whole(
        self, user: ApiClient, url: str, asked: str
    ) -> None:
        assert user.download(url, headers={"Range": asked}) == DATA

    def test_of_an_empty_file(self, user: ApiClient) -> None:
        file = upload(user, b"")

        user.get(file["url"], status=416, headers={"Range": "bytes=0-"})

    def test_goes_on_only_with_the_same_bytes(self, user: ApiClient, url: str) -> None:
        user.download(url)
        etag = user.last.headers["ETag"]
        part = {"Range": "bytes=0-9"}

        assert user.download(url, status=206, headers=part | {"If-Range": etag}) == DATA[:10]
        assert user.download(url, headers=part | {"If-Range": '"another"'}) == DATA
        assert user.download(url, headers=part | {"If-Range": f"W/{etag}"}) == DATA
        date = "Wed, 21 Oct 2015 07:28:00 GMT"
        assert user.download(url, headers=part | {"If-Range": date}) == DATA


class TestConditions:
    def test_what_one_has_already_is_not_sent_again(self, user: ApiClient, url: str) -> None:
        user.download(url)
        etag = user.last.headers["ETag"]

        for sent in (etag, f'"x", {etag}', "*", f"W/{etag}"):
            assert user.download(url, status=304, headers={"If-None-Match": sent}) == b""
            assert user.last.headers["ETag"] == etag
        assert user.download(url, headers={"If-None-Match": '"x"'}) == DATA

    def test_the_etag_is_the_checksum(self, user: ApiClient) -> None:
        file = upload(user)

        user.download(file["url"])

        assert user.last.headers["ETag"] == f'"{file["checksum"]}"'


class TestDisposition:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("plan.pdf", 'attachment; filename="plan.pdf"'),
            ("é.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt"),
            ("100%.txt", "attachment; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
            ("a;b.txt", 'attachment; filename="a;b.txt"'),
        ],
    )
    def test_has_the_name(self, user: ApiClient, name: str, expected: str) -> None:
        user.download(upload(user, name=name)["url"])

        assert user.last.headers["Content-Disposition"] == expected

    @pytest.mark.parametrize("name", ['a"; x="b', "a\\b", "a\r\nb", "\u202e"])
    def test_cannot_be_escaped(self, name: str) -> None:
        value = downloads.disposition(name, inline=False)

        assert value.isascii()
        assert value.isprintable()
        assert value.count('"') == 2
        assert "\\" not in value

    @pytest.mark.parametrize(
        "data", [picture("PNG"), picture("JPEG"), b"%PDF-1.7\n", b"text", b"ID3\x03\0\0\0\0\0#TSSE"]
    )
    def test_may_be_inline_for_what_is_safe(self, user: ApiClient, data: bytes) -> None:
        url = upload(user, data)["url"]

        user.download(url)
        assert user.last.headers["Content-Disposition"].startswith("attachment")
        user.download(f"{url}?inline=true")
        assert user.last.headers["Content-Disposition"].startswith("inline")

    @pytest.mark.parametrize(
        "data", [b"<!doctype html><script>1</script>", b'<svg xmlns="http://www.w3.org/2000/svg"/>']
    )
    def test_is_never_inline_for_what_a_browser_runs(self, user: ApiClient, data: bytes) -> None:
        url = upload(user, data, "page.html")["url"]

        user.download(f"{url}?inline=true")

        assert user.last.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in user.last.headers["Content-Security-Policy"]

    def test_is_never_inline_for_unknown_bytes(self, user: ApiClient, url: str) -> None:
        user.download(f"{url}?inline=true")

        assert user.last.headers["Content-Disposition"].startswith("attachment")
