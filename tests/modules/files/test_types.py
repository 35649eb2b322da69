"""The type of a file is that of its bytes, whatever its name says."""

import pytest

from halolight.core.media.sniffing import mime_type
from tests.api_client import ApiClient

from .formats import FORMATS, IMAGES
from .steps import picture, upload

ACTIVE = {
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "html after space": b"\n\n  <HTML><body>",
    "html within text": b"hello <script src=//evil.example></script>",
    "html with a byte order mark": b"\xef\xbb\xbf<a href=x>",
    "svg with a script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "svg as xml": b'<?xml version="1.0"?>\n<!-- x --><svg onload="alert(1)">',
    "xml": b'<?xml version="1.0"?><x/>',
    "shell": b"#!/bin/sh\nrm -rf /",
    "php": b"<?php system($_GET[0]);",
    "html in UTF-16": b"\xff\xfe" + "<html><script>alert(1)</script>".encode("utf-16-le"),
}


def test_is_told_from_the_bytes(user: ApiClient) -> None:
    told = {}
    for name, (data, *_) in FORMATS.items():
        file = upload(user, data, f"{name}.png")
        told[name] = (file["mimeType"], file["type"])

    expected = {name: (mime, word) for name, (_, mime, word) in FORMATS.items()}
    assert {name: of for name, of in told.items() if of != expected[name]} == {}


def test_a_text_may_be_cut_off_within_a_letter() -> None:
    text = "ä" * 100_000

    assert mime_type(text.encode()[:36_869]) == "text/plain"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_text_in_utf_16_may_be_cut_off_within_a_letter(encoding: str) -> None:
    text = ("\ufeff" + "🦊" * 100).encode(encoding)

    assert {mime_type(text[:end]) for end in range(2, 20)} == {"text/plain"}


@pytest.mark.parametrize("kind", ACTIVE)
class TestWhatABrowserCouldRun:
    @pytest.mark.parametrize("query", ["", "?inline=true"])
    def test_is_only_ever_saved(self, user: ApiClient, kind: str, query: str) -> None:
        file = upload(user, ACTIVE[kind], "photo.png")

        user.download(f"{file['url']}{query}")

        headers = user.last.headers
        assert headers["Content-Disposition"].startswith("attachment")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")

    def test_is_no_plain_text(self, user: ApiClient, kind: str) -> None:
        assert upload(user, ACTIVE[kind])["mimeType"] != "text/plain"


class TestPolyglots:
    GIF = b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//"

    def test_a_script_that_is_an_image_is_only_ever_an_image(self, user: ApiClient) -> None:
        file = upload(user, self.GIF, "evil.js")

        user.download(f"{file['url']}?inline=true")

        assert file["type"] == "image"
        assert user.last.mimetype == "image/gif"
        assert user.last.headers["X-Content-Type-Options"] == "nosniff"

    def test_html_behind_an_image_is_no_html(self, user: ApiClient) -> None:
        file = upload(user, picture("PNG") + b"<html><script>alert(1)</script>", "x.html")

        user.download(f"{file['url']}?inline=true")

        assert user.last.mimetype == "image/png"


class TestTexts:
    @pytest.mark.parametrize(
        ("data", "content_type"),
        [
            ("Grüße".encode(), "text/plain; charset=utf-8"),
            ("Grüße".encode("utf-8-sig"), "text/plain; charset=utf-8"),
            ("\ufeffGrüße".encode("utf-16-le"), "text/plain"),
            ("\ufeffGrüße".encode("utf-16-be"), "text/plain"),
            (b'<?xml version="1.0" encoding="us-ascii"?><x/>', "application/xml"),
            (b"<!doctype html><p>x", "text/html"),
            (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        ],
    )
    def test_name_utf_8_only_where_they_are_plain_and_in_utf_8(
        self, user: ApiClient, data: bytes, content_type: str
    ) -> None:
        url = upload(user, data)["url"]

        assert user.download(url) == data
        assert user.last.headers["Content-Type"] == content_type
        told = user.open("HEAD", url).headers["Content-Type"]
        assert told == content_type
        user.download(url, status=206, headers={"Range": "bytes=1-2"})
        assert user.last.headers["Content-Type"] == content_type


def test_only_pictures_that_every_browser_shows_are_shown(user: ApiClient) -> None:
    shown = set()
    for name, (data, mime) in IMAGES.items():
        file = upload(user, data, name)
        user.download(f"{file['url']}?inline=true")
        if user.last.headers["Content-Disposition"].startswith("inline"):
            shown.add(mime)

    assert shown == {f"image/{kind}" for kind in ("png", "jpeg", "gif", "webp", "bmp", "avif")}
