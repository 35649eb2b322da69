"""Searching, sorting and filtering texts: by one folding, on both databases alike."""

import ast
import dataclasses as dc
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.db.base import Model
from halolight.core.db.folding import Folded, FoldedText
from halolight.core.text import ascii_lower, fold
from halolight.extensions import db
from halolight.modules.documents.models import Document
from halolight.modules.files.models import fold_path
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.calendar.steps import plan
from tests.modules.documents.steps import write
from tests.modules.files.steps import upload
from tests.modules.messages.steps import group, send
from tests.modules.orders.steps import order
from tests.modules.products.steps import offer

from .operations import OPERATIONS

DECOMPOSED = "e\u0301"

# What is written, and what finds it.
PAIRS = {
    "ΟΔΟΣΗΜΑΝΣΗ": ["ΟΔΟΣ", "οδος", "οδοσ"],
    "ΒΟΡΡΑΣ": ["βορρας", "Βορράς"],
    "İstanbul": ["istanbul", "ISTANBUL", "İSTANBUL"],
    "Isparta": ["\u0131sparta", "ISPARTA"],
    "\uff21\uff22\uff23": ["abc", "\uff21\uff42\uff43"],
    "Álvaro": ["alvaro", "ÁLVARO", "A\u0301lvaro"],
    "Caf" + DECOMPOSED: ["Café", "CAFE"],
    "Straße": ["STRASSE", "straẞe"],
    "co\u00adop\u200beration": ["cooperation"],
    "Привет": ["ПРИВЕТ"],
    "100\uff05 of a_b": ["100%", "a_b", "\uff05 OF"],
}
MISSED = ["ab_c", "a%c", "o_b", "_", "xyz"]  # signs are no wildcards


@dc.dataclass(frozen=True)
class Kind:
    """Something with a name: how it is made, and where it is listed under which key."""

    make: Callable[[ApiClient, str], Any]
    path: str
    key: str
    sort_by: str | None = None

    def names(self, client: ApiClient, **query: Any) -> list[str]:
        query = {"pageSize": 100, **query}
        return [item[self.key] for item in client.get(self.path, query_string=query)["items"]]


def post(path: str, **fields: Any) -> Callable[[ApiClient, str], Any]:
    return lambda client, name: client.post(path, json={"name": name, **fields})


NUMBERS = count(1)


def add_user(client: ApiClient, name: str) -> None:
    client.post("/api/users", json={"name": name, "email": f"x{next(NUMBERS)}@example.org"})


KINDS = {
    "users": Kind(add_user, "/api/users", "name", "name"),
    "directory": Kind(add_user, "/api/users/directory", "name"),
    "documents": Kind(write, "/api/documents", "title", "title"),
    "content of documents": Kind(
        lambda client, text: write(client, text, content=text), "/api/documents", "title"
    ),
    "teams": Kind(post("/api/teams"), "/api/teams", "name", "name"),
    "events": Kind(plan, "/api/calendar/events", "title", "title"),
    "places of events": Kind(
        lambda client, text: plan(client, text, location=text), "/api/calendar/events", "title"
    ),
    "files": Kind(
        lambda client, name: upload(client, name.encode(), f"{name}.txt"),
        *("/api/files", "name", "name"),
    ),
    "folders": Kind(post("/api/folders"), "/api/folders", "name", "name"),
    "products": Kind(offer, "/api/products", "name", "name"),
    "orders": Kind(lambda client, name: order(client, customer=name), "/api/orders", "customer"),
}

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@every_kind
def test_finds_what_is_equal_when_folded(kind: Kind, super_admin: ApiClient) -> None:
    for name in PAIRS:
        kind.make(super_admin, name)

    wrong = {}
    for name, searches in PAIRS.items():
        shown = fold(name)
        for search in [name, *searches]:
            found = [
                fold(each).removesuffix(".txt") for each in kind.names(super_admin, search=search)
            ]
            if found != [shown]:
                wrong[search] = found
    missed = {search: kind.names(super_admin, search=search * 2) for search in MISSED}

    assert wrong == {}
    assert missed == {search: [] for search in MISSED}


def test_finds_messages_and_conversations(make: Factory) -> None:
    ada, bob = make.client(), make.client(name="Bülent Ş")
    for name, searches in PAIRS.items():
        sent = send(ada, bob, content=name)
        group(ada, bob, name=name)
        for search in searches:
            query = {"search": search, "pageSize": 100}
            messages = ada.get("/api/messages", query_string=query)["items"]
            named = ada.get("/api/conversations", query_string=query)["items"]
            assert sent["content"] in [each["content"] for each in messages], search
            assert [each["name"] for each in named] == [sent["content"]], search

    private = ada.get("/api/conversations?search=bulent+s&pageSize=100")["items"]
    assert "Bülent Ş" in [each["name"] for each in private]


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if kind.sort_by], ids=lambda kind: kind.path
)
def test_sorts_by_what_is_compared(kind: Kind, super_admin: ApiClient) -> None:
    names = ["Zoe", "adam", "Álvaro", "_x", "zebra", "\uff21bel", "éclair"]
    for name in names:
        kind.make(super_admin, name)

    for order_ in ("asc", "desc"):
        query = {"sortBy": kind.sort_by, "sortOrder": order_}
        listed = [each.removesuffix(".txt") for each in kind.names(super_admin, **query)]
        listed = [each for each in listed if each in names]
        expected = ["_x", "\uff21bel", "adam", "Álvaro", "éclair", "zebra", "Zoe"]
        assert listed == (expected if order_ == "asc" else expected[::-1])


def test_filters_by_what_is_compared(super_admin: ApiClient) -> None:
    write(super_admin, "Plan", folder="Résumé", tags=["Été", "x"], type="Mémo")
    offer(super_admin, "Lamp", category="ΦΩΣ")

    for query in ("folder=resume", "folder=RE\u0301SUME\u0301", "tag=ete", "tag=ÉTÉ", "type=MEMO"):
        assert super_admin.get(f"/api/documents?{query}")["total"] == 1, query
    assert super_admin.get("/api/products?category=φως")["total"] == 1
    assert super_admin.get("/api/products?category=φω")["total"] == 0


def test_tags_that_are_equal_are_one(user: ApiClient) -> None:
    document = write(user, tags=["\xe9", DECOMPOSED, "É", "e", "ß", "SS"])

    assert document["tags"] == ["\xe9", "ß"]


def test_tags_are_sorted_by_what_is_compared(user: ApiClient) -> None:
    assert write(user, tags=["Zoe", "adam", "Álvaro"])["tags"] == ["adam", "Álvaro", "Zoe"]


def test_tags_that_folding_makes_long_are_stored(user: ApiClient) -> None:
    tags = ["\ufdfa" * 49 + "a", "\ufdfa" * 49 + "b"]

    assert write(user, "\ufdfa" * 200, tags=tags, folder="\ufdfa" * 200)["tags"] == tags[:1]
    assert user.get("/api/documents?sortBy=title")["total"] == 1


class TestNamesOfFiles:
    def test_that_are_equal_cannot_lie_in_one_folder(self, user: ApiClient) -> None:
        folder = user.post("/api/folders", json={"name": "Été"})
        upload(user, name="Plan.pdf", folderId=str(folder["id"]))

        user.post("/api/folders", json={"name": "e\u0301te\u0301"}, status=409)
        user.post("/api/folders", json={"name": "ETE"}, status=409)
        upload(user, name="PLAN.PDF", folderId=str(folder["id"]), status=409)
        upload(user, name="Plan.pdf")  # in another one
        other = user.post("/api/folders", json={"name": "Other"})
        user.put(f"/api/folders/{other['id']}", json={"name": "été"}, status=409)

    def test_may_change_in_case_alone(self, user: ApiClient) -> None:
        folder = user.post("/api/folders", json={"name": "plans"})
        inner = user.post("/api/folders", json={"name": "Inner", "parentId": folder["id"]})

        user.put(f"/api/folders/{folder['id']}", json={"name": "Plans"})

        assert user.get(f"/api/folders/{inner['id']}")["path"] == "/Plans/Inner"

    def test_are_found_by_a_path_in_any_case(self, user: ApiClient) -> None:
        user.post("/api/folders", json={"name": "Été"})
        upload(user, path="/ETE")

        for path in ("/Été", "/ete", "E\u0301te\u0301/"):
            assert user.get("/api/files", query_string={"path": path})["total"] == 1, path

    def test_follow_a_folder_that_is_renamed_moved_or_copied(self, user: ApiClient) -> None:
        top = user.post("/api/folders", json={"name": "ΟΔΟΣ"})
        inner = user.post("/api/folders", json={"name": "İç", "parentId": top["id"]})
        upload(user, folderId=str(inner["id"]))
        user.put(f"/api/folders/{top['id']}", json={"name": "Straße"})
        user.post(f"/api/files/{top['id']}/copy", json={}, status=201)

        for path in ("/strasse/ic", "/STRASSE (1)/İÇ"):
            assert user.get("/api/files", query_string={"path": path})["total"] == 1, path
        assert_all_keys_follow(user.app)

    def test_of_copies_are_free_in_any_case(self, user: ApiClient) -> None:
        file = upload(user, name="Plan.txt")
        upload(user, name="PLAN (1).TXT")

        copy = user.post(f"/api/files/{file['id']}/copy", json={}, status=201)

        assert copy["name"] == "Plan (2).txt"

    def test_with_a_sign_that_is_folded_to_a_slash_are_one_name(self, user: ApiClient) -> None:
        folder = user.post("/api/folders", json={"name": "a"})
        user.post("/api/folders", json={"name": "b", "parentId": folder["id"]})

        assert user.post("/api/folders", json={"name": "a\uff0fb"})["path"] == "/a\uff0fb"

    def test_that_folding_makes_too_long_are_refused(self, user: ApiClient) -> None:
        user.post("/api/folders", json={"name": "\ufdfa" * 100}, status=400)


def test_a_search_of_nothing_visible_is_no_search(user: ApiClient) -> None:
    write(user, "Plan")

    for nothing in ("", " ", "\u200b", "\u00ad\u2060", "\u3164"):
        assert user.get("/api/documents", query_string={"search": nothing})["total"] == 1, nothing
    for accent in ("\u0301", "\u0301\u0308"):
        assert user.get("/api/documents", query_string={"search": accent})["total"] == 0, accent


@pytest.mark.parametrize(
    "search", ["a", "a\u0301", "\u0301\u0301", "a\u200b\u00ad", "\u200b\u200b"]
)
def test_the_directory_lists_nobody_for_less_than_two_letters(
    user: ApiClient, make: Factory, search: str
) -> None:
    make.user(name="Anna")

    response = user.open("GET", "/api/users/directory", query_string={"search": search})

    assert response.status_code == 400 or response.get_json()["data"]["total"] == 0


def test_a_search_may_be_anything(user: ApiClient) -> None:
    write(user, "photo.png")

    for search in ("\u2068photo\u2069", "photo\u202e", "photo.png\n", "\ufeffPHOTO"):
        assert user.get("/api/documents", query_string={"search": search})["total"] == 1, search
    for search in ("pho\nto", "a\x1bb", "\ufdfa" * 255, "\\", "%", "'"):
        user.get("/api/documents", query_string={"search": search})


# The rules of the columns.


def folded_columns() -> list[sa.Column[Any]]:
    columns = [c for table in Model.metadata.sorted_tables for c in table.columns]
    return [column for column in columns if "folds" in column.info]


def searched_texts() -> set[str]:
    """The names of the columns whose tokens are in a `search_key`."""
    columns = [c for table in Model.metadata.sorted_tables for c in table.columns]
    return {name for c in columns if "searches" in c.info for name in c.info["searches"].all}


def folded_of(text: str | None, column: sa.Column[Any]) -> str | None:
    """What the column has to hold of a text."""
    if text is None:
        return None
    if isinstance(column.type, Folded):
        folding = fold_path if column.name == "path_key" else fold
        return folding(text)[: column.type.length]
    return None if fold(text) == ascii_lower(text) else fold(text)


def assert_all_keys_follow(app: Flask) -> None:
    """Each folded column has what is folded of the text beside it."""
    with app.app_context():
        for column in folded_columns():
            source = column.table.c[column.info["folds"]]
            for text, key in db.session.execute(sa.select(source, column)):
                assert key == folded_of(text, column), (column, text)


def test_every_column_that_a_list_is_sorted_by_has_a_folded_form() -> None:
    """Or is one, or holds no text that people write."""
    entities = {str(mapper.local_table): mapper.class_ for mapper in Model.registry.mappers}
    names = {"calendar": "events", "folders": "files"}
    wrong = []
    for operation in OPERATIONS:
        if operation.method == "GET" and "sortBy" in operation.query:
            tag = operation.definition["tags"][0]
            entity = entities.get(names.get(tag, tag))
            for name in operation.query["sortBy"]["schema"]["enum"]:
                column = getattr(entity, name, None)
                if column is not None and isinstance(column.type, sa.String):
                    key = getattr(entity, f"{name}_key", None)
                    wrong += [f"{operation} {name}"] if key is None else []

    assert wrong == []


def test_keys_follow_in_every_way_of_writing(app: Flask, super_admin: ApiClient) -> None:
    long_text = "ΟΔΟΣ, \uff21\uff22\uff23"
    with app.app_context():
        rows = [
            {"title": title, "content": long_text, "type": "Mémo", "version": 1}
            for title in ("Été", "Zoe")
        ]
        db.session.execute(sa.insert(Document), rows)
        document = Document(title="İ", content=long_text, type="a", author_id=super_admin.user_id)
        db.session.add(document)
        db.session.commit()
        document.title, document.content, document.folder = "Ünal", "plain", "Ç"
        db.session.commit()
        document.content = "ΤΕΛΟΣ"
        db.session.commit()
    assert_all_keys_follow(app)


def test_no_update_statement_writes_a_text_without_its_folded_form(project: Path) -> None:
    """Attributes and INSERTs have it written along; of an UPDATE statement nobody does."""
    sources = {column.info["folds"] for column in folded_columns()} | searched_texts()
    forgetful = []
    for file in (project / "halolight").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".values"):
                names = {keyword.arg for keyword in node.keywords}
                written = names & sources
                needed = {f"{name}_key" for name in written}
                if written & searched_texts():
                    needed.add("search_key")
                if not needed <= names:
                    forgetful.append(f"{file.name}: {ast.unparse(node)[:100]}")

    assert forgetful == []


def test_a_text_in_ascii_is_not_stored_twice(app: Flask, user: ApiClient) -> None:
    write(user, content="Plain English, with CAPITALS.")
    with app.app_context():
        [content_key] = db.session.scalars(sa.select(Document.content_key))

    assert content_key is None
    assert user.get("/api/documents?search=capitals")["total"] == 1


def test_folded_columns_are_of_two_types() -> None:
    assert {type(column.type) for column in folded_columns()} == {Folded, FoldedText}
