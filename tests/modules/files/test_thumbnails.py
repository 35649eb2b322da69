import io
import struct
import zipfile
import zlib
from functools import partial
from typing import Any

import pytest
from PIL import Image

from halolight.modules.files.content.blobs import thumbnail_key
from tests.api_client import ApiClient
from tests.cpu import cpu_of
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


def ramp(mode: str, kind: str, top: float) -> bytes:
    """From black on the left to white on the right, in a mode with more than eight bits."""
    image = Image.new(mode, (512, 8))
    values = [top * x / 511 for _ in range(8) for x in range(512)]
    image.putdata(values if mode == "F" else [round(value) for value in values])
    return written(image, kind)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    to = io.BytesIO()
    image.save(to, kind, **options)
    return to.getvalue()


class TestShades:
    """What has more or less than eight bits is scaled, neither clipped nor dotted."""

    GREY = Image.linear_gradient("L").resize((512, 512)).rotate(90)
    RAMPS = {
        "I;16": ramp("I;16", "PNG", 65_535),
        "I;16 as TIFF": ramp("I;16", "TIFF", 65_535),
        "I;16B": ramp("I;16B", "TIFF", 65_535),
        "I": ramp("I", "TIFF", 65_535),
        "I, wider": ramp("I", "TIFF", 2_000_000_000),
        "F": ramp("F", "TIFF", 1),
        "F, wider": ramp("F", "TIFF", 1000),
        "L": written(GREY, "PNG"),
        "1": written(GREY.convert("1"), "PNG"),
        "LA": written(GREY.convert("LA"), "PNG"),
        "P": written(GREY.convert("P"), "PNG"),
        "P, transparent": written(GREY.convert("P"), "PNG", transparency=0),
        "PA": written(GREY.convert("RGBA").convert("PA"), "TIFF"),
        "CMYK": written(GREY.convert("CMYK"), "TIFF"),
    }

    def test_of_a_ramp_are_those_of_the_ramp(self, user: ApiClient) -> None:
        shades = {}
        for name, data in self.RAMPS.items():
            small = thumbnail(user, upload(user, data, name)).convert("L")
            shades[name] = list(small.resize((8, 1), Image.Resampling.BOX).tobytes())

        expected = [16 + 32 * x for x in range(8)]
        off = {
            name: max(abs(a - b) for a, b in zip(seen, expected, strict=True))
            for name, seen in shades.items()
        }
        assert {name: by for name, by in off.items() if by > 12} == {}

    def test_of_numbers_that_are_none_make_no_thumbnail(self, user: ApiClient) -> None:
        image = Image.new("F", (8, 8), float("nan"))

        file = upload(user, written(image, "TIFF"))

        assert (file["type"], file["thumbnail"]) == ("image", None)

    def test_of_one_shade_are_that_shade(self, user: ApiClient) -> None:
        small = thumbnail(user, upload(user, written(Image.new("I;16", (9, 9), 32_768), "PNG")))

        assert abs(float(small.convert("L").getpixel((4, 4))) - 128) < 3  # type: ignore[arg-type]


class TestBombs:
    def test_an_image_that_is_far_larger_than_it_looks(self, user: ApiClient) -> None:
        bomb = huge_png(30_000)
        assert len(bomb) < 150_000

        error, took = cpu_of(partial(upload, user, bomb, status=400), enough=1)

        assert took < 1
        assert "too large when it is decompressed" in error["message"]
        assert stored(user.app) == []

    def test_a_zip_that_is_far_larger_than_it_looks(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("halolight.core.media.thumbnails.MAX_UNPACKED", 1_000_000)

        error = upload(user, archive(zeros="0" * 2_000_000), status=400)

        assert "too large when it is decompressed" in error["message"]
        assert stored(user.app) == []

    def test_a_zip_that_is_well_packed_but_small_is_none(self, user: ApiClient) -> None:
        assert upload(user, archive(zeros="0" * 2_000_000))["type"] == "archive"

    @pytest.mark.parametrize("cut", [10, 30, -1, -10, -30])
    def test_a_broken_zip_is_just_a_file(self, user: ApiClient, cut: int) -> None:
        assert upload(user, archive(a="x" * 100)[:cut])["type"] == "archive"

    def test_a_zip_with_a_long_list_of_names_is_not_read(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("halolight.core.media.thumbnails.MAX_DIRECTORY", 40)
        written = archive(a="x", b="y")
        monkeypatch.setattr(zipfile, "ZipFile", pytest.fail)

        assert upload(user, written)["type"] == "archive"


class TestLargePictures:
    def test_that_are_no_bombs_are_kept_without_a_thumbnail(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("halolight.core.media.bounds.MAX_PIXELS", 1000)
        noise = Image.effect_noise((40, 40), 100)
        written = io.BytesIO()
        noise.save(written, "PNG")

        file = upload(user, written.getvalue())

        assert file["type"] == "image"
        assert file["thumbnail"] is None
