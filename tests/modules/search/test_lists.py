"""The search of lists: by the same index, and by the text as it is typed."""

import pytest
from flask import Flask

from halolight.core.db import listing
from halolight.modules.documents.queries import DOCUMENT_LISTING
from tests.api_client import ApiClient
from tests.contract.explain import all_nodes, explained, sqlite_steps
from tests.contract.statements import engine, is_postgresql, recorded
from tests.factories import Factory
from tests.modules.documents.steps import share, titles, write
from tests.modules.files.steps import upload

LISTS = (
    *("/api/users", "/api/users/directory", "/api/teams"),
    *("/api/documents", "/api/files", "/api/folders"),
    *("/api/messages", "/api/calendar/events", "/api/calendar/events?expand=true"),
)
TABLES = {"directory": "users", "folders": "files"}  # of the lists whose name is another


def test_finds_parts_of_names_and_beginnings_of_words(user: ApiClient) -> None:
    write(user, "Replanned", content="Responsibilities of the department")

    for search in ("PLAN", "lan", "ed", "respons", "sibilities of"):
        found = titles(user, f"search={search}")
        assert found == ([] if search == "sibilities of" else ["Replanned"]), search


def test_finds_the_text_as_it_is_typed(user: ApiClient) -> None:
    write(user, "Plan of 100%")
    write(user, "Of the plan, 100 times")
    write(user, "a_b")

    searches = {
        "plan of": ["Plan of 100%"],
        "100%": ["Plan of 100%"],
        "100": ["Of the plan, 100 times", "Plan of 100%"],
        "plan, 1": ["Of the plan, 100 times"],
        "plan 100": [],
        "%": ["Plan of 100%"],
        "_": ["a_b"],
        "A_B": ["a_b"],
        ",": ["Of the plan, 100 times"],
        ", 1": ["Of the plan, 100 times"],
    }
    found = {
        search: [
            each["title"]
            for each in user.get("/api/documents", query_string={"search": search})["items"]
        ]
        for search in searches
    }

    assert found == searches


def test_finds_runs_of_chinese_as_they_are_typed(user: ApiClient) -> None:
    write(user, "季度财务报告")
    write(user, "报告季度")

    assert titles(user, "search=季度") == ["报告季度", "季度财务报告"]
    assert titles(user, "search=度财务报") == ["季度财务报告"]
    assert titles(user, "search=季度报告") == []
    assert titles(user, "search=告") == ["报告季度", "季度财务报告"]


def test_has_the_total_of_all_pages_in_any_order(user: ApiClient) -> None:
    for number in range(12):
        write(user, f"Plan {number:02}")
    write(user, "Other")

    for query, expected in (
        ("search=plan&sortBy=title&sortOrder=asc&pageSize=5", ["Plan 00", "Plan 04"]),
        ("search=plan&sortBy=title&sortOrder=asc&pageSize=5&page=3", ["Plan 10", "Plan 11"]),
        ("search=plan&sortBy=createdAt&pageSize=5&page=3", ["Plan 01", "Plan 00"]),
    ):
        page = user.get(f"/api/documents?{query}")
        assert page["total"] == 12
        names = [item["title"] for item in page["items"]]
        assert [names[0], names[-1]] == expected
    assert user.get("/api/documents?search=plan&pageSize=5&page=9")["total"] == 12


def test_of_the_directory_knows_whole_addresses(user: ApiClient, make: Factory) -> None:
    ada = make.user(name="Ada", username="lovelace", email="countess@analytical.example")

    def ids(search: str) -> list[int]:
        query = {"search": search}
        page = user.get("/api/users/directory", query_string=query)
        return [each["id"] for each in page["items"]]

    for search in ("ada", "velac", "COUNTESS@analytical.example"):
        assert ids(search) == [ada.id], search
    for search in ("countess", "analytical", "countess@analytical", "ountess@analytical.example"):
        assert ids(search) == [], search


def clear_statements(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(listing, "MOST_FOUND", most)
    monkeypatch.setattr(DOCUMENT_LISTING, "_statements", {})


def test_of_very_many_looks_at_all_texts(
    user: ApiClient, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make.client()
    for number in range(6):
        write(user, f"Plan {number}")
    shared = write(other, "Shared plan")
    share(other, shared["id"], userIds=[user.user_id])
    write(other, "Secret plan")
    write(user, "Other", content="replanned")
    names = ["Shared plan", *(f"Plan {number}" for number in reversed(range(6)))]
    for most, expected in ((7, names), (6, ["Other", *names])):
        clear_statements(monkeypatch, most)
        for query in ("search=plan", "search=plan&pageSize=20"):
            assert titles(user, query) == expected, (most, query)
        pages = [titles(user, f"search=plan&pageSize=3&page={page}") for page in (1, 2, 3, 4)]
        assert [title for page in pages for title in page] == expected
        for page in (1, 2, 9):
            query = f"search=plan&pageSize=3&page={page}"
            assert user.get(f"/api/documents?{query}")["total"] == len(expected)
        assert titles(user, "search=plan 3") == ["Plan 3"]
        assert titles(user, "search=secret") == []


@pytest.mark.parametrize("path", LISTS)
def test_asks_the_index(app: Flask, super_admin: ApiClient, path: str) -> None:
    upload(super_admin, name="plan.txt")
    name = path.split("?")[0].rpartition("/")[2]
    table = TABLES.get(name, name)
    engine(app).dispose()  # a new connection is sent the SQL, a used one a name for it
    with recorded(app) as statements:
        super_admin.get(f"{path}{'&' if '?' in path else '?'}search=plan")

    listed = statements[-1]
    if is_postgresql(app):
        with engine(app).begin() as connection:
            connection.exec_driver_sql("ANALYZE")
        nodes = [node for root in explained(app, listed) for node in all_nodes(root)]
        assert [n for n in nodes if "search_key @@" in str(n)], nodes
    else:
        assert [step for step in sqlite_steps(app, listed) if f"{table}_search" in step]
