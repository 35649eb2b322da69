"""Names as senders give them: cleaned or refused, and never a way out of the storage."""

import pytest
from flask import Flask

from halolight.modules.files.tree.paths import clean_name
from tests.api_client import ApiClient

from .steps import key_of, stored, upload

CLEANED = {
    "../../etc/passwd": "passwd",
    "/etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "C:\\Users\\me\\photo.png": "photo.png",
    "a\0b.txt": "ab.txt",
    "a\r\nSet-Cookie: b.txt": "aSet-Cookie: b.txt",
    "photo\u202egnp.exe": "photognp.exe",
    "\u2066a\u2069.txt": "a.txt",
    "line\u2028end": "lineend",
    " spaces .txt. . ": "spaces .txt",
    "e\u0301.txt": "é.txt",
    "CON": "_CON",
    "nul.txt": "_nul.txt",
    "COM1.log": "_COM1.log",
    ".gitignore": ".gitignore",
    "%2e%2e%2fpasswd": "%2e%2e%2fpasswd",
    "日本語.txt": "日本語.txt",
    "👩\u200d🚀.png": "👩\u200d🚀.png",
    "control.txt": "control.txt",
    "x" * 255: "x" * 255,
}
REFUSED = ["", ".", "..", "../", "/", "\\", " ", "\0", "\u202e", "x" * 256, "x" * 4096, "…" * 300]


@pytest.mark.parametrize(("name", "cleaned"), CLEANED.items())
def test_what_is_kept_of_a_name(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@pytest.mark.parametrize("name", ["../../a", r"..\\a", "/etc/passwd", "a" * 255, "é", "CON", "%00"])
def test_nothing_lies_outside_of_the_storage(user: ApiClient, app: Flask, name: str) -> None:
    file = upload(user, name=name)

    assert {"/", "\\"}.isdisjoint(file["name"])
    assert file["path"] == f"/{file['name']}"
    assert stored(app) == [key_of(app, file)]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_name(user: ApiClient, name: str) -> None:
    error = upload(user, name=name.replace("\\", r"\\"), status=400)

    assert [detail["field"] for detail in error["details"]] == ["file"]
    assert stored(user.app) == []
