"""The type of a file is that of its bytes, whatever its name says."""

import pytest

from halolight.modules.files.content.sniffing import mime_type, type_of
from tests.api_client import ApiClient

from .steps import archive, picture, upload

OOXML = "application/vnd.openxmlformats-officedocument"
OPEN_TEXT = "application/vnd.oasis.opendocument.text"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
TYPES = {
    "png": (picture("PNG"), "image/png", "image"),
    "jpeg": (picture("JPEG"), "image/jpeg", "image"),
    "gif": (picture("GIF"), "image/gif", "image"),
    "webp": (picture("WEBP"), "image/webp", "image"),
    "bmp": (picture("BMP"), "image/bmp", "image"),
    "tiff": (picture("TIFF"), "image/tiff", "image"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml", "image"),
    "mp4": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(50), "video/mp4", "video"),
    "mov": (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "video/quicktime", "video"),
    "webm": (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm", "video/webm", "video"),
    "m4a": (b"\0\0\0\x20ftypM4A \0\0\2\0isomiso2", "audio/mp4", "audio"),
    "mp3": (b"ID3\x03\0\0\0\0\0#TSSE\0\0\0", "audio/mpeg", "audio"),
    "wav": (b"RIFF$\0\0\0WAVEfmt \x10\0\0\0", "audio/wav", "audio"),
    "flac": (b'fLaC\0\0\0"', "audio/flac", "audio"),
    "zip": (archive(a="x"), "application/zip", "archive"),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0", "application/gzip", "archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "application/x-7z-compressed", "archive"),
    "rar": (b"Rar!\x1a\x07\x01\0", "application/vnd.rar", "archive"),
    "tar": (b"a.txt" + bytes(252) + b"ustar\x0000", "application/x-tar", "archive"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf", "document"),
    "pdf in ASCII": (b"%PDF-1.4\n1 0 obj", "application/pdf", "document"),
    "docx": (
        archive(**{"[Content_Types].xml": "", "word__document.xml": ""}),
        f"{OOXML}.wordprocessingml.document",
        "document",
    ),
    "xlsx": (
        archive(**{"[Content_Types].xml": "", "xl__workbook.xml": ""}),
        f"{OOXML}.spreadsheetml.sheet",
        "document",
    ),
    "odt": (archive(mimetype=OPEN_TEXT), OPEN_TEXT, "document"),
    "doc": (OLE, "application/x-ole-storage", "document"),
    "rtf": (b"{\\rtf1\\ansi", "application/rtf", "document"),
    "text": (b"plain words", "text/plain", "document"),
    "text in UTF-8": ("Ωμέγα 🦊".encode(), "text/plain", "document"),
    "csv": (b"a,b\n1,2\n", "text/plain", "document"),
    "program": (b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff", "application/octet-stream", "other"),
    "noise": (bytes(range(128, 228)), "application/octet-stream", "other"),
    "no UTF-8": (b"caf\xe9 and more", "application/octet-stream", "other"),
    "text that begins like a bitmap": (b"BM is a band", "text/plain", "document"),
    "text that begins like a program": (b"MZ is a wave", "text/plain", "document"),
}  # fmt: skip
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
}


@pytest.mark.parametrize("kind", TYPES)
def test_is_told_from_the_bytes(user: ApiClient, kind: str) -> None:
    data, mime, word = TYPES[kind]

    file = upload(user, data, "photo.png")

    assert (file["mimeType"], file["type"]) == (mime, word)


def test_a_text_may_be_cut_off_within_a_letter() -> None:
    text = "ä" * 100_000

    assert mime_type(text.encode()[:36_869]) == "text/plain"


def test_every_type_has_its_word() -> None:
    words = {type_of(mime) for _, mime, _ in TYPES.values()}

    assert words == {"image", "video", "audio", "archive", "document", "other"}


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
