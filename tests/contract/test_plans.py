"""Reads stay cheap however much there is: an index instead of a sort, and of a look at all rows."""

import datetime as dt
import re
from itertools import product

import pytest
from flask import Flask

from halolight.core.clock import utcnow
from tests.api_client import ApiClient
from tests.factories import Factory

from .crowd import CROWDS, MANY, add_crowd
from .explain import all_nodes, explained, page_of, sqlite_steps
from .statements import engine, is_postgresql, recorded


@pytest.fixture
def crowded(app: Flask, super_admin: ApiClient) -> Flask:
    with app.app_context():
        add_crowd(super_admin.user_id)
    return app


def a_list_is_read_in_the_order_of_an_index(crowded: Flask, super_admin: ApiClient) -> None:
    explain = explain_postgresql if is_postgresql(crowded) else explain_sqlite

    for crowd in [crowd for crowd in CROWDS if crowd.INDEX]:
        listed = statement_of_the_page(crowded, super_admin, crowd.PATH)
        explain(crowded, listed, crowd.MODEL.__tablename__, crowd.INDEX)

        assert super_admin.get(crowd.PATH)["total"] >= MANY


QUERIES = [(crowd, query) for crowd in CROWDS for query in crowd.QUERIES]


def each_order_and_filter_has_an_index(crowded: Flask, super_admin: ApiClient) -> None:
    wrong = {}
    for crowd, query in QUERIES:
        url = f"{crowd.PATH}?{query}"
        steps = steps_of_the_page(crowded, super_admin, url)
        reads_all = {"Seq Scan", "Sort", f"SCAN {crowd.MODEL.__tablename__}"}
        if found := reads_all.intersection(steps):
            wrong[url] = found

    assert wrong == {}


def steps_of_the_page(app: Flask, client: ApiClient, address: str) -> list[str]:
    """The steps in which the database finds the rows of a page."""
    listed = statement_of_the_page(app, client, address)
    if not is_postgresql(app):
        return sqlite_steps(app, listed)
    page = page_of(explained(app, listed))
    return [node["Node Type"] for node in all_nodes(page)]


def statement_of_the_page(app: Flask, client: ApiClient, address: str) -> str:
    engine(app).dispose()  # a new connection is sent the SQL, a used one a name for it
    with recorded(app) as statements:
        client.get(address)
    [listed] = [statement for statement in statements if "LIMIT 10" in statement]
    return listed


def a_range_of_events_is_found_by_an_index(crowded: Flask, super_admin: ApiClient) -> None:
    """Neither the page nor its total reads more of the table than what may overlap."""
    start = (utcnow() - dt.timedelta(days=1000)).replace(tzinfo=None)
    for days, query in product([1, 31], ["", "&sortOrder=desc", "&type=task"]):
        end = start + dt.timedelta(days=days)
        address = f"/api/calendar/events?start={start}&end={end}{query}"
        listed = statement_of_the_page(crowded, super_admin, address)

        assert 0 <= super_admin.get(address)["total"] <= days + 1
        if is_postgresql(crowded):
            nodes = explained(crowded, listed)
            read = [node["Node Type"] for node in nodes if node.get("Relation Name") == "events"]
            bounds = [n["Index Cond"] for n in nodes if "start_at <" in n.get("Index Cond", "")]
            assert "Seq Scan" not in read, address
            assert len(bounds) >= 2, address  # for the page and for the total
            assert [bound for bound in bounds if "start_at >" not in bound] == [], address
        else:
            steps = sqlite_steps(crowded, listed)
            assert [step for step in steps if step.startswith("SCAN events")] == [], address
            # Of events and of occurrences, for the page and for the total, whose events are
            # counted in one of two ways: to the end, or to a limit.
            assert len([s for s in steps if "start_at>? AND start_at<?" in s]) == 5, address


def a_range_of_ones_own_events_reads_nobody_elses(crowded: Flask, make: Factory) -> None:
    user = make.client("user")
    user.post("/api/calendar/events", json={"title": "Mine", "start": "2026-11-02"})
    address = "/api/calendar/events?start=2026-11-01&end=2026-12-01"
    listed = statement_of_the_page(crowded, user, address)

    assert user.get(address)["total"] == 1
    if is_postgresql(crowded):
        nodes = [n for n in explained(crowded, listed) if n.get("Relation Name") == "events"]
        used = {node.get("Index Name", node["Node Type"]) for node in nodes}
    else:
        steps = [s for s in sqlite_steps(crowded, listed) if " events " in s]
        used = {re.sub(r".*(ix_events\w+|PRIMARY KEY).*", r"\1", step) for step in steps}
    indexes = {"ix_events_owner_id_start_at_id", "ix_events_series", "pk_events", "PRIMARY KEY"}
    assert used <= indexes


def explain_postgresql(app: Flask, statement: str, table: str, index: str) -> None:
    """The keys of the page come from the index in its order; its rows by their primary key."""
    nodes = explained(app, statement)
    [limit] = [node for node in nodes if node["Node Type"] == "Limit"]
    # What lies in a folder is counted for each row of the page, from the index alone.
    counting = [node for node in nodes if node.get("Alias") == "items"]
    scans = [n for n in nodes if n.get("Relation Name") == table and n not in counting]

    assert "Seq Scan" not in [node["Node Type"] for node in counting]
    assert [node["Node Type"] for node in all_nodes(limit)] == ["Limit", "Index Only Scan"]
    assert {scan.get("Index Name") for scan in scans} == {index, f"pk_{table}"}


def explain_sqlite(app: Flask, statement: str, table: str, index: str) -> None:
    details = sqlite_steps(app, statement)

    assert f"SCAN {table} USING COVERING INDEX {index}" in details
    assert f"SEARCH {table} USING INTEGER PRIMARY KEY (rowid=?)" in details


@pytest.mark.slow
def test_reads_of_many_rows_use_the_indexes(
    subtests: pytest.Subtests, crowded: Flask, make: Factory, super_admin: ApiClient
) -> None:
    """All in one case, on one crowd: to add it takes seconds."""
    for check in (
        a_list_is_read_in_the_order_of_an_index,
        each_order_and_filter_has_an_index,
        a_range_of_events_is_found_by_an_index,
    ):
        with subtests.test(check.__name__):
            check(crowded, super_admin)
    with subtests.test("a range of one's own"):
        a_range_of_ones_own_events_reads_nobody_elses(crowded, make)
