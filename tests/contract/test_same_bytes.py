"""The fast ways, our compiled dump and our reads, answer byte for byte as those they replace."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import marshmallow as ma
import pytest
import sqlalchemy as sa

from halolight.core.db.base import Database
from halolight.core.schemas.base import Schema
from halolight.extensions import db
from halolight.modules.documents.models import Document, DocumentVersion
from tests.api_client import ApiClient
from tests.factories import Factory

from .operations import OPERATIONS, JsonObject, Operation, furnish

# These tell the time, or how busy it is, or make a link that ends: no two answers are the same.
TIMELY = re.compile(
    "/health.*|.*/download-url|/api/dashboard/overview|/api/s(ecurity/report|tream)"
)
READS = [o for o in OPERATIONS if o.method == "GET" and not TIMELY.fullmatch(o.path)]
PAGES = [{}, {"pageSize": 1}, {"page": 2, "pageSize": 1}, {"page": 99}]

Answer = tuple[int, Any, Any, bytes]


@pytest.fixture
def rows(make: Factory) -> JsonObject:
    """A row of each kind, and rows with letters beyond ASCII and with nothing where that may be."""
    owner_id, rows = furnish(make)
    make.user(name="Zoë Ωμέγα 🦊", bio='"quoted"\\\n\u2028', last_login_at=None, status="SUSPENDED")
    with make.app.app_context():
        text = Document(title="Ünïcode", content="naïve 🦊", type="note", size=11, folder="Ä/Ö")
        db.session.add(text)
        db.session.flush()
        version = DocumentVersion(document_id=text.id, number=1, content="", size=0)
        db.session.add(version)
        db.session.commit()
        return rows | {"owner_id": owner_id, "orphan_id": text.id}


@pytest.fixture
def owner(make: Factory, rows: JsonObject) -> ApiClient:
    return make.sign_in(rows["owner_id"])


def answers(client: ApiClient, operation: Operation, rows: JsonObject) -> Iterator[Answer]:
    """What it answers to each query, for each row that its address can name."""
    pages = PAGES if "page" in operation.query else [{}]
    named = [rows]
    if "document_id" in operation.path_parameters:
        named.append(rows | {"document_id": rows["orphan_id"]})
    for names in named:
        for page in pages:
            query = operation.required_query(names) | page
            response = client.open("GET", operation.url(names), query_string=query)
            headers = response.headers
            yield response.status_code, headers["Content-Type"], headers.get("ETag"), response.data


def go_the_slow_ways(monkeypatch: pytest.MonkeyPatch, calls: Counter[str]) -> None:
    """marshmallow's dump and SQLAlchemy's execution instead of ours."""

    def dump(self: Schema, obj: Any, *, many: bool | None = None) -> Any:
        calls["dump"] += 1
        return ma.Schema.dump(self, obj, many=many)

    def rows(
        self: Database, statement: sa.Select[*tuple[Any, ...]], /, **params: Any
    ) -> Sequence[Any]:
        calls["rows"] += 1
        with self.engine.connect() as connection:
            return connection.execute(statement, params).all()

    monkeypatch.setattr(Schema, "dump", dump)
    monkeypatch.setattr(Database, "rows", rows)


@pytest.mark.parametrize("caller", ["owner", "super_admin"])
def test_answers_are_the_same_without_our_shortcuts(
    request: pytest.FixtureRequest,
    super_admin: ApiClient,  # there before the rows: one of them is a group of everybody
    rows: JsonObject,
    caller: str,
) -> None:
    """All reads in one case, since they change no row that another one reads."""
    client: ApiClient = request.getfixturevalue(caller)
    statuses = {200} if caller == "super_admin" else {200, 403}

    for operation in READS:
        fast = list(answers(client, operation, rows))
        calls: Counter[str] = Counter()
        with pytest.MonkeyPatch.context() as monkeypatch:
            go_the_slow_ways(monkeypatch, calls)
            slow = list(answers(client, operation, rows))

        assert fast == slow, str(operation)
        assert calls["rows"] >= len(slow), str(operation)  # who is calling, at least
        if not operation.answers_with_bytes:
            assert calls["dump"] >= sum(status == 200 for status, *_ in slow), str(operation)
        assert fast[0][0] in statuses, str(operation)
