"""The demo data fits the front ends: their forms accept it, and it fills their screens."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.users.models import STATUSES, User
from halolight.modules.users.seed import DEMO_ACCOUNTS
from tests.api_client import ApiClient
from tests.factories import Factory

# What the forms of the front ends check before they send anything.
MOBILE = re.compile(r"1[3-9]\d{9}")
LENGTHS = {"name": (2, 20), "bio": (0, 200)}
EVENT_LENGTHS = {"title": (1, 50), "description": (0, 500)}
DOCUMENT_LENGTHS = {"title": (1, 100)}

# What is read here was written by Python; that each database takes it, `test_cli.py` shows.
pytestmark = [pytest.mark.database("sqlite"), pytest.mark.slow]

# The folders that their documents screen lists, with the number of documents in each.
COUNTED = {"项目文档", "设计资源", "技术文档", "报表", "会议记录"}


@pytest.fixture
def admin(app: Flask, make: Factory) -> ApiClient:
    """The first account of the demo."""
    result = app.test_cli_runner().invoke(args=["seed", "--demo"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        user_id = db.session.scalar(sa.select(User.id).filter_by(email=DEMO_ACCOUNTS[0][0]))
    assert user_id
    return make.sign_in(user_id)


def rows(client: ApiClient, path: str) -> list[dict[str, Any]]:
    """All rows of a list."""
    return list(_pages(client, path))


def _pages(client: ApiClient, path: str) -> Iterator[dict[str, Any]]:
    page, pages = 1, 1
    while page <= pages:
        answer = client.get(f"{path}?pageSize=100&page={page}")
        yield from answer["items"]
        page, pages = page + 1, answer["totalPages"]


def misfits(
    found: list[dict[str, Any]], lengths: dict[str, tuple[int, int]]
) -> list[tuple[str, Any]]:
    """Texts that are too short or too long for a form."""
    return [
        (key, each[key])
        for each in found
        for key, (least, most) in lengths.items()
        if not least <= len(each[key] or "") <= most
    ]


def their_forms_accept_it(admin: ApiClient) -> None:
    users = rows(admin, "/api/users")
    phones = [user["phone"] for user in users]

    assert len(users) == 30
    assert [phone for phone in phones if not MOBILE.fullmatch(phone)] == []
    assert misfits(users, LENGTHS) == []
    assert misfits(rows(admin, "/api/calendar/events"), EVENT_LENGTHS) == []
    assert misfits(rows(admin, "/api/documents"), DOCUMENT_LENGTHS) == []


def it_fills_their_screens(admin: ApiClient) -> None:
    users, documents = rows(admin, "/api/users"), rows(admin, "/api/documents")
    files, analytics = rows(admin, "/api/files"), admin.get("/api/analytics")

    assert {user["status"] for user in users} == set(STATUSES)
    assert {bool(user["lastLoginAt"]) for user in users} == {True, False}
    assert {document["folder"] for document in documents} > COUNTED
    assert min(Counter(document["folder"] for document in documents).values()) >= 5
    assert {"spreadsheet", "presentation", "document"} < {each["type"] for each in documents}
    assert {order["status"] for order in admin.get("/api/dashboard/orders")} == {
        *("pending", "paid", "shipped", "cancelled")
    }
    assert all(file["itemCount"] for file in files if file["type"] == "folder")
    assert len(analytics["traffic"]) == 4
    assert len(analytics["regions"]) == 5
    assert [kpi["value"] for kpi in analytics["kpis"] if not kpi["value"]] == []
    assert {issue["id"] for issue in admin.get("/api/security/report")["issues"]} == {3, 4}


def test_fits_the_front_ends(admin: ApiClient) -> None:
    """Looked at in one case: to add the demo takes seconds."""
    their_forms_accept_it(admin)
    it_fills_their_screens(admin)
