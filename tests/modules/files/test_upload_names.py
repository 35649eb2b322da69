"""Names as senders give them: cleaned or refused, and never a way out of the storage."""

import pytest
from flask import Flask

from halolight.modules.files.tree.paths import clean_name
from tests.api_client import ApiClient
from tests.each import each

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
    "com¹.txt": "_com¹.txt",
    "con .txt": "_con .txt",
    "CONIN$": "_CONIN$",
    "plan.txt...": "plan.txt",
    "...": "...",
    "\u202eCON": "_CON",
    ".gitignore": ".gitignore",
    "%2e%2e%2fpasswd": "%2e%2e%2fpasswd",
    "日本語.txt": "日本語.txt",
    "👩\u200d🚀.png": "👩\u200d🚀.png",
    "control.txt": "control.txt",
    "x" * 255: "x" * 255,
}
REFUSED = [
    "con." + "x" * 251,
    "",
    ".",
    "..",
    "../",
    "/",
    "\\",
    " ",
    "\0",
    "\u202e",
    "x" * 256,
    "x" * 4096,
    "…" * 300,
]


@pytest.mark.parametrize(("name", "cleaned"), CLEANED.items())
def test_what_is_kept_of_a_name(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@pytest.mark.parametrize("name", ["../../a", r"..\\a", "/etc/passwd", "a" * 255, "é", "CON", "%00"])
def test_nothing_lies_outside_of_the_storage(user: ApiClient, app: Flask, name: str) -> None:
    file = upload(user, name=name)

    assert {"/", "\\"}.isdisjoint(file["name"])
    assert file["path"] == f"/{file['name']}"
    assert stored(app) == [key_of(app, file)]


@pytest.mark.database("sqlite")
@each("name", REFUSED)
def test_what_is_no_name(user: ApiClient, name: str) -> None:
    error = upload(user, name=name.replace("\\", r"\\"), status=400)

    assert [detail["field"] for detail in error["details"]] == ["file"]
    assert stored(user.app) == []


# As the header of a form has it, and the name that is kept.
SENT = {
    r"C:\fakepath\photo.jpg": "photo.jpg",
    r"C:\\fakepath\\photo.jpg": "photo.jpg",
    r"..\..\boot.ini": "boot.ini",
    r"D:\new\table\%22a%22.txt": '"a".txt',
    r"C:\a\say \"hello\".txt": 'say "hello".txt',
}


def test_backslashes_in_a_form_may_be_escaped_or_not(user: ApiClient) -> None:
    kept = {}
    for sent in SENT:
        file = upload(user, name=sent)
        kept[sent] = file["name"]
        user.delete(f"/api/files/{file['id']}")

    assert kept == SENT


def test_renaming_moving_and_copying_follow_the_same_rule(user: ApiClient) -> None:
    """What an upload keeps of a name is what it can be renamed to."""
    renamed = {}
    for name in (
        "CON",
        "nul.txt",
        "com¹.txt",
        "a.",
        "b. .",
        " c ",
        r"C:\fakepath\photo.jpg",
        "...",
    ):
        made = upload(user, name="made")
        path = f"/api/files/{made['id']}"
        folder = user.post("/api/files/folder", json={"name": "made here"})
        names = {
            user.patch(f"{path}/rename", json={"name": name})["name"],
            user.put(path, json={"name": name, "folderId": folder["id"]})["name"],
            user.post(f"{path}/copy", json={"name": name, "path": "/"})["name"],
        }
        user.delete(f"/api/files/{folder['id']}?recursive=true")
        for address in ("/api/files/folder", "/api/folders"):
            user.call("POST", address, 409, json={"name": name})
        renamed[name] = names

    assert renamed == {name: {clean_name(name)} for name in renamed}
    path = f"/api/folders/{user.post('/api/folders', json={'name': 'aux'})['id']}"
    assert user.get(path)["name"] == "_aux"
    assert user.put(path, json={"name": "Lpt1.old "})["path"] == "/_Lpt1.old"
