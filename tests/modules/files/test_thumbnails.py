import io
import struct
import time
import zipfile
import zlib
from typing import Any

import pytest
from PIL import Image

from halolight.modules.files.content.blobs import thumbnail_key
from tests.api_client import ApiClient
from tests.factories import Factory

from .steps import archive, key_of, picture, stored, upload

MODES = [
    ("PNG", mode) for mode in ("RGB", "RGBA", "L", "P", "1", "I;16")
] + [("JPEG", "CMYK"), ("JPEG", "L"), ("GIF", "P"), ("TIFF", "RGB"), ("BMP", "RGB")]  # fmt: skip


def thumbnail(client: ApiClient, file: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(client.download(file["thumbnail"])))


def huge_png(side: int) -> bytes:
    """A PNG of some kilobytes that is many gigabytes when it is unpacked."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    line = bytes(1 + side // 8)
    pixels = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


class TestThumbnail:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
    def test_is_a_small_webp(self, user: ApiClient, kind: str) -> None:
        file = upload(user, picture(kind, (600, 300)))

        small = thumbnail(user, file)

        assert (small.format, small.size) == ("WEBP", (256, 128))
        assert user.last.mimetype == "image/webp"
        assert user.last.headers["Content-Disposition"] == "inline"

    @pytest.mark.parametrize(("kind", "mode"), MODES)
    def test_is_made_of_every_kind_of_pixels(self, user: ApiClient, kind: str, mode: str) -> None:
        assert thumbnail(user, upload(user, picture(kind, mode=mode))).size

    def test_keeps_what_is_transparent(self, user: ApiClient) -> None:
        written = io.BytesIO()
        Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(written, "PNG")

        small = thumbnail(user, upload(user, written.getvalue()))

        assert small.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]

    def test_is_not_larger_than_the_image(self, user: ApiClient) -> None:
        assert thumbnail(user, upload(user, picture(size=(20, 10)))).size == (20, 10)

    def test_is_the_right_way_up_and_tells_nothing_of_the_place(self, user: ApiClient) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by 90 degrees
        exif[0x010F] = "Camera"
        exif.get_ifd(0x8825)[1] = "N"  # the place
        image = picture("JPEG", (600, 300), exif=exif.tobytes(), comment=b"secret")

        small = thumbnail(user, upload(user, image))

        assert small.size == (128, 256)
        assert dict(small.getexif()) == {}
        assert {"exif", "xmp", "icc_profile", "comment"}.isdisjoint(small.info)
        assert b"Camera" not in user.last.data

    def test_can_be_kept_and_asked_for_again(self, user: ApiClient) -> None:
        file = upload(user, picture())
        user.download(file["thumbnail"])
        etag = user.last.headers["ETag"]

        assert user.download(file["thumbnail"], status=304, headers={"If-None-Match": etag}) == b""

    def test_is_stored_once_with_the_bytes(self, user: ApiClient, make: Factory) -> None:
        one, two = upload(user, picture()), upload(make.client(), picture())

        key = key_of(user.app, one)
        assert stored(user.app) == [key, thumbnail_key(key)]
        assert two["thumbnail"]

    def test_is_for_who_sees_the_file(self, user: ApiClient, make: Factory) -> None:
        file = upload(user, picture())

        error = make.client().get(file["thumbnail"], status=404)

        assert error == user.get("/api/files/999999/thumbnail", status=404)

    @pytest.mark.parametrize(
        "data",
        [b"text", picture()[:50], picture("JPEG")[:300], b"GIF89a" + bytes(4), b"BM" + bytes(9)],
    )
    def test_is_missing_where_there_is_none_to_be_made(self, user: ApiClient, data: bytes) -> None:
        file = upload(user, data)

        assert file["thumbnail"] is None
        user.get(f"/api/files/{file['id']}/thumbnail", status=404)


class TestBombs:
    def test_an_image_that_is_far_larger_than_it_looks(self, user: ApiClient) -> None:
        bomb = huge_png(30_000)
        assert len(bomb) < 150_000

        begun = time.process_time()
        error = upload(user, bomb, status=400)

        assert time.process_time() - begun < 1
        assert "far too large" in error["message"]
        assert stored(user.app) == []

    def test_a_zip_that_is_far_larger_than_it_looks(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("halolight.modules.files.content.thumbnails.MAX_UNPACKED", 1_000_000)

        error = upload(user, archive(zeros="0" * 2_000_000), status=400)

        assert "far too large" in error["message"]
        assert stored(user.app) == []

    def test_a_zip_that_is_well_packed_but_small_is_none(self, user: ApiClient) -> None:
        assert upload(user, archive(zeros="0" * 2_000_000))["type"] == "archive"

    @pytest.mark.parametrize("cut", [10, 30, -1, -10, -30])
    def test_a_broken_zip_is_just_a_file(self, user: ApiClient, cut: int) -> None:
        assert upload(user, archive(a="x" * 100)[:cut])["type"] == "archive"

    def test_a_zip_with_a_long_list_of_names_is_not_read(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("halolight.modules.files.content.thumbnails.MAX_DIRECTORY", 40)
        written = archive(a="x", b="y")
        monkeypatch.setattr(zipfile, "ZipFile", pytest.fail)

        assert upload(user, written)["type"] == "archive"


class TestLargePictures:
    def test_that_are_no_bombs_are_kept_without_a_thumbnail(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("halolight.modules.files.content.thumbnails.MAX_PIXELS", 1000)
        noise = Image.effect_noise((40, 40), 100)
        written = io.BytesIO()
        noise.save(written, "PNG")

        file = upload(user, written.getvalue())

        assert file["type"] == "image"
        assert file["thumbnail"] is None
