"""Reads stay cheap however much there is: an index instead of a sort, and of a look at all rows."""

import datetime as dt
import re
from itertools import product

import pytest
from flask import Flask

from halolight.core.clock import utcnow
from tests.api_client import ApiClient
from tests.factories import Factory

from .crowd import MANY, add_crowd
from .explain import all_nodes, explained, sqlite_steps
from .statements import engine, is_postgresql, recorded

LISTS = {
    "/api/users": "users",
    "/api/documents": "documents",
    "/api/files": "files",
    "/api/calendar/events": "events",
    "/api/orders": "orders",
    "/api/products": "products",
    "/api/audit": "audit_entries",
}
ORDERED = {
    "users": "ix_users_created_at_id",
    "documents": "ix_documents_updated_at_id",
    "files": "ix_files_updated_at_id",
    "events": "ix_events_start_at_id_end_at",
    "orders": "ix_orders_created_at_id",
    "products": "ix_products_created_at_id",
    "audit_entries": "ix_audit_entries_created_at_id",
}
TABLES = LISTS | {"/api/notifications": "notifications"}  # of which nobody is shown all


@pytest.fixture
def crowded(app: Flask, super_admin: ApiClient) -> Flask:
    with app.app_context():
        add_crowd(super_admin.user_id)
    return app


def test_a_list_is_read_in_the_order_of_an_index(crowded: Flask, super_admin: ApiClient) -> None:
    explain = explain_postgresql if is_postgresql(crowded) else explain_sqlite

    for path, table in LISTS.items():
        explain(crowded, statement_of_the_page(crowded, super_admin, path), table)

        assert super_admin.get(path)["total"] >= MANY


ORDERS_AND_FILTERS = [
    *(("/api/users", f"sortBy={column}") for column in ("name", "username", "email")),
    *(("/api/users", f"{query}") for query in ("status=ACTIVE", "role=user", "sortOrder=asc")),
    *(("/api/documents", f"sortBy={column}") for column in ("createdAt", "title")),
    *(("/api/documents", query) for query in ("type=plan", "folder=a", "authorId=1")),
    *(("/api/orders", f"sortBy={column}") for column in ("amount", "orderNo")),
    *(("/api/orders", query) for query in ("status=pending", "from=2026-01-01&sortOrder=asc")),
    *(("/api/products", f"sortBy={column}") for column in ("name", "price", "stock")),
    ("/api/products", "category=light"),
    *(("/api/calendar/events", f"sortBy={column}") for column in ("createdAt", "title")),
    *(("/api/calendar/events", query) for query in ("type=task", "status=pending")),
    *(("/api/files", query) for query in ("sortBy=createdAt", "sortBy=name", "sortBy=size")),
    *(("/api/files", query) for query in ("type=image", "sortOrder=asc")),
    *(("/api/audit", query) for query in ("actorId=1", "action=users.1", "sortOrder=asc")),
    *(("/api/audit", query) for query in ("targetType=kind1", "targetId=1")),
    *(("/api/notifications", query) for query in ("", "unread=true", "unread=false", "type=user")),
]


def test_each_order_and_filter_has_an_index(crowded: Flask, super_admin: ApiClient) -> None:
    wrong = {}
    for path, query in ORDERS_AND_FILTERS:
        steps = steps_of_the_page(crowded, super_admin, f"{path}?{query}")
        reads_all = {"Seq Scan", "Sort", f"SCAN {TABLES[path]}"}
        if found := reads_all.intersection(steps):
            wrong[f"{path}?{query}"] = found

    assert wrong == {}


def steps_of_the_page(app: Flask, client: ApiClient, address: str) -> list[str]:
    """The steps in which the database finds the rows of a page."""
    listed = statement_of_the_page(app, client, address)
    if not is_postgresql(app):
        return sqlite_steps(app, listed)
    [limit] = [node for node in explained(app, listed) if node["Node Type"] == "Limit"]
    return [node["Node Type"] for node in all_nodes(limit)]


def statement_of_the_page(app: Flask, client: ApiClient, address: str) -> str:
    engine(app).dispose()  # a new connection is sent the SQL, a used one a name for it
    with recorded(app) as statements:
        client.get(address)
    [listed] = [statement for statement in statements if "LIMIT 10" in statement]
    return listed


def test_a_range_of_events_is_found_by_an_index(crowded: Flask, super_admin: ApiClient) -> None:
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
            assert len([s for s in steps if "start_at>? AND start_at<?" in s]) == 2, address


def test_a_range_of_ones_own_events_reads_nobody_elses(crowded: Flask, make: Factory) -> None:
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
    assert used <= {"ix_events_owner_id_id", "pk_events", "PRIMARY KEY"}


def explain_postgresql(app: Flask, statement: str, table: str) -> None:
    """The keys of the page come from the index in its order; its rows by their primary key."""
    nodes = explained(app, statement)
    [limit] = [node for node in nodes if node["Node Type"] == "Limit"]
    scans = [node for node in nodes if node.get("Relation Name") == table]

    assert [node["Node Type"] for node in all_nodes(limit)] == ["Limit", "Index Only Scan"]
    assert {scan.get("Index Name") for scan in scans} == {ORDERED[table], f"pk_{table}"}


def explain_sqlite(app: Flask, statement: str, table: str) -> None:
    details = sqlite_steps(app, statement)

    assert f"SCAN {table} USING COVERING INDEX {ORDERED[table]}" in details
    assert f"SEARCH {table} USING INTEGER PRIMARY KEY (rowid=?)" in details
