"""Both databases give the same answers on the same rows: texts of many scripts, any search."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from halolight.core.clock import utcnow
from halolight.core.search.tokens import Sources, of_name, of_text, terms
from halolight.extensions import db
from halolight.modules.documents.models import Document
from tests.api_client import ApiClient
from tests.conftest import prepare
from tests.factories import Factory

from .steps import SEARCH

LETTERS = (
    "abAB12",  # Latin
    "éÉßﬁ",
    "σςΣάΩ",  # Greek
    "iİ\u0131I",  # Turkish
    "季度报告财务",  # Chinese
    "タワー京の々",  # Japanese
    "회의록",  # Korean
    "รายงานไทย์",  # Thai
    "हिन्दी",  # Hindi
    "😀🚀👩‍💻€",
    " .,-_%'\"*:&|!()\\\n",
)
TEXTS = st.text(st.sampled_from("".join(LETTERS) + "ab " * 6), max_size=16)
ROWS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8)

Row = tuple[str, str]


@pytest.fixture(scope="module")
def searchers(
    sqlite_app: Flask, postgresql_app: Flask, hashed_password: str
) -> Iterator[list[ApiClient]]:
    """An administrator on each database."""
    clients = []
    for app in (sqlite_app, postgresql_app):
        prepare(app)
        clients.append(Factory(app, hashed_password).client("admin"))
    yield clients
    for app in (sqlite_app, postgresql_app):
        prepare(app)


def store(client: ApiClient, rows: list[Row]) -> None:
    """These documents and no others, one as new as the other, with ids from 1 on."""
    moment = utcnow()
    with client.app.app_context():
        db.session.execute(sa.delete(Document))
        db.session.execute(
            sa.insert(Document),
            [
                {
                    "id": number,
                    "title": title,
                    "content": content,
                    "type": "note",
                    "version": 1,
                    "created_at": moment,
                    "updated_at": moment,
                }
                for number, (title, content) in enumerate(rows, start=1)
            ],
        )
        db.session.commit()


def answer(client: ApiClient, q: str) -> dict[str, Any]:
    """What a search says of documents, without the times."""
    query = {"q": q, "types": "documents", "pageSize": 20}
    [result] = client.get(SEARCH, query_string=query)
    for item in result["items"]:
        del item["updatedAt"]
    page: dict[str, Any] = result
    return page


def expected(rows: list[Row], q: str) -> list[int]:
    """The ids in their order, found by looking at each row."""
    looked_for = terms(q)
    ranks: dict[int, int] = {}
    for number, (title, content) in enumerate(rows, start=1):
        names, texts = list(of_name(title)), list(of_text(content))

        def among(tokens: list[str], term: str) -> bool:
            return any(token.startswith(term) for token in tokens)

        if looked_for and all(among(names, term) for term in looked_for):
            ranks[number] = 0
        elif looked_for and all(among([*names, *texts], term) for term in looked_for):
            ranks[number] = 1
    return sorted(ranks, key=lambda number: (ranks[number], -number))


@settings(
    max_examples=120,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS, data=st.data())
def test_answer_alike(searchers: list[ApiClient], rows: list[Row], data: st.DataObject) -> None:
    for client in searchers:
        store(client, rows)
    written = sorted({word for row in rows for text in row for word in text.split()})
    parts = st.sampled_from(written or ["a"]).flatmap(
        lambda word: st.integers(0, len(word)).map(lambda end: word[:end])
    )
    for _ in range(3):
        q = data.draw(st.one_of(parts, TEXTS, st.tuples(parts, parts).map(" ".join)))
        first, second = (client.open("GET", SEARCH, query_string={"q": q}) for client in searchers)
        assert first.status_code == second.status_code
        if first.status_code == 200:
            first_answer, second_answer = (answer(client, q) for client in searchers)
            assert first_answer == second_answer
            assert [item["id"] for item in first_answer["items"]] == expected(rows, q), q


@settings(max_examples=200, deadline=None, database=None)
@given(name=TEXTS, start=st.integers(0, 15), length=st.integers(1, 5))
@example(name="Plan", start=2, length=2)
def test_a_part_of_a_name_finds_it(name: str, start: int, length: int) -> None:
    """Whatever is typed of it, wherever that begins: the lists find it by that, too."""
    part = name[start : start + length]
    tokens = list(of_name(name))

    assert [
        term for term in terms(part) if not any(token.startswith(term) for token in tokens)
    ] == []


@settings(max_examples=200, deadline=None, database=None)
@given(text=TEXTS)
def test_tokens_are_read_by_the_databases_as_they_are(text: str) -> None:
    """None has a sign that a tsvector, a tsquery or a query of FTS5 reserves."""
    key = Sources(names=("a",), texts=("b",)).key({"a": text, "b": text}) or ""

    assert not set("'\"\\:&|!()*<>-+^,.\n\t") & set(key)
    assert all(token and token[0] in "nt" for token in key.split(" ") if key)
