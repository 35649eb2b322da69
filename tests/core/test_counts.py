"""The rows that triggers count are those that are there, whatever has happened to them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.db.base import Model
from halolight.core.db.counts import Counted, RowCount, row_count
from halolight.extensions import db
from halolight.modules.documents.models import Document
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.contract.operations import OPERATIONS, application, sample_body
from tests.contract.statements import engine
from tests.factories import Factory

CONNECTIONS = 8
ROUNDS = 10

# What has to be counted, each by a trigger of its own.
EVENTS = {"sqlite": {"insert", "delete"}, "postgresql": {"insert", "delete", "truncate"}}
TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:name AS regclass) "
    "AND tgenabled = 'O' AND NOT tgisinternal",
}


def counted_models() -> list[Any]:
    with application():  # it imports all models there are
        mappers = Model.registry.mappers
        return sorted((m.class_ for m in mappers if issubclass(m.class_, Counted)), key=str)


def path(model: Any) -> str:
    return f"/api/{model.__tablename__}"


COUNTED = counted_models()
BODIES = {o.path: o.body for o in OPERATIONS if o.method == "POST" and o.body}
CREATED = [model for model in COUNTED if path(model) in BODIES]  # with a JSON body

IN_BATCHES = [model for model in CREATED if f"{path(model)}/batch-delete" in BODIES]
EXAMPLES = {"amount": 12.5}

each_model = pytest.mark.parametrize("model", COUNTED, ids=lambda model: str(model.__name__))
each_created = pytest.mark.parametrize("model", CREATED, ids=lambda model: str(model.__name__))
each_in_batches = pytest.mark.parametrize(
    "model", IN_BATCHES, ids=lambda model: str(model.__name__)
)


def create(client: ApiClient, model: Any, how_many: int) -> list[int]:
    """Make rows through the API; answers with their ids."""
    bodies = [sample_body(BODIES[path(model)] or {}, EXAMPLES, n) for n in range(how_many)]
    return [client.post(path(model), json=body)["id"] for body in bodies]


def number(app: Flask, model: Any) -> int:
    """How many rows there are, after making sure that they are counted so."""
    with app.app_context():
        there = db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
        assert db.value(row_count(model)) == there
        return there


def triggers(app: Flask, table: str) -> set[str]:
    """Names of the triggers that the table has."""
    with engine(app).connect() as connection:
        statement = sa.text(TRIGGERS[connection.dialect.name])
        return set(connection.scalars(statement, {"name": table}))


def uncounted(app: Flask, table: str) -> set[str]:
    """What can happen to the rows of the table without being counted."""
    events = EVENTS[engine(app).dialect.name]
    return {event for event in events if f"count_{table}_{event}" not in triggers(app, table)}


class TestTriggers:
    @each_model
    def test_are_there_for_every_counted_model(self, app: Flask, model: Any) -> None:
        missing = uncounted(app, model.__tablename__)

        assert missing == set(), "a migration has to make them: see *_count_rows.py"

    def test_would_be_missed(self, app: Flask) -> None:
        """A model that is declared `Counted` without a migration fails the test above."""
        assert uncounted(app, "roles") == EVENTS[engine(app).dialect.name]

    def test_are_there_for_nothing_else(self, app: Flask) -> None:
        others = set(Model.metadata.tables) - {model.__tablename__ for model in COUNTED}

        found = {name for table in others for name in triggers(app, table)}

        assert {name for name in found if name.startswith("count_")} == set()


@each_created
class TestCounts:
    def test_begin_with_what_is_there(self, app: Flask, model: Any) -> None:
        assert number(app, model) == 0

    def test_follow_what_is_created(self, app: Flask, super_admin: ApiClient, model: Any) -> None:
        before = number(app, model)

        create(super_admin, model, 3)

        assert number(app, model) == before + 3

    def test_follow_what_is_deleted(self, app: Flask, super_admin: ApiClient, model: Any) -> None:
        deleted, *_ = create(super_admin, model, 4)
        before = number(app, model)

        super_admin.delete(f"{path(model)}/{deleted}")

        assert number(app, model) == before - 1

    def test_go_back_with_their_transaction(
        self, app: Flask, super_admin: ApiClient, model: Any
    ) -> None:
        create(super_admin, model, 3)
        before = number(app, model)

        with app.app_context():
            db.session.execute(sa.delete(model))
            assert db.session.scalar(row_count(model)) == 0
            assert db.value(row_count(model)) == before  # to everybody else
            db.session.rollback()

        assert number(app, model) == before

    def test_are_the_totals_of_lists(self, app: Flask, super_admin: ApiClient, model: Any) -> None:
        deleted, *_ = create(super_admin, model, 5)
        super_admin.delete(f"{path(model)}/{deleted}")

        pages = [super_admin.get(f"{path(model)}?page={page}&pageSize=2") for page in (1, 2, 99)]

        assert [page["total"] for page in pages] == [number(app, model)] * 3


@each_in_batches
class TestBatches:
    def test_are_counted_when_they_are_deleted(
        self, app: Flask, super_admin: ApiClient, model: Any
    ) -> None:
        ids = create(super_admin, model, 3)
        before = number(app, model)

        super_admin.post(f"{path(model)}/batch-delete", json={"ids": ids}, status=200)

        assert number(app, model) == before - 3

    def test_ignore_a_deletion_that_is_refused(
        self, app: Flask, super_admin: ApiClient, model: Any
    ) -> None:
        ids = create(super_admin, model, 2)
        before = number(app, model)

        body = {"ids": [*ids, 999_999]}
        super_admin.post(f"{path(model)}/batch-delete", json=body, status=404)

        assert number(app, model) == before


class TestUsers:
    def test_are_not_counted_when_they_are_refused(
        self, app: Flask, super_admin: ApiClient
    ) -> None:
        body = {"email": "twice@example.com", "name": "Twice"}
        super_admin.post("/api/users", json=body)
        before = number(app, User)

        super_admin.post("/api/users", json=body, status=409)

        assert number(app, User) == before

    def test_leave_their_documents_counted(
        self, app: Flask, make: Factory, super_admin: ApiClient
    ) -> None:
        author = make.client("admin")
        create(author, Document, 3)
        users = number(app, User)

        super_admin.delete(f"/api/users/{author.user_id}")

        assert (number(app, User), number(app, Document)) == (users - 1, 3)
        assert super_admin.get("/api/documents")["total"] == 3


@pytest.mark.database("postgresql")  # SQLite has no TRUNCATE, and one writer at a time
class TestOnPostgresql:
    def test_a_truncation_leaves_nothing(self, app: Flask, super_admin: ApiClient) -> None:
        create(super_admin, Document, 3)

        execute(app, "TRUNCATE users CASCADE")

        assert [number(app, model) for model in (User, Document)] == [0, 0]

    def test_counting_goes_on_after_a_truncation(
        self, app: Flask, make: Factory, super_admin: ApiClient
    ) -> None:
        create(super_admin, Document, 3)
        execute(app, "TRUNCATE users CASCADE")

        create(make.client("admin"), Document, 2)

        assert [number(app, model) for model in (User, Document)] == [1, 2]

    def test_a_truncation_that_is_rolled_back_changes_nothing(
        self, app: Flask, super_admin: ApiClient
    ) -> None:
        create(super_admin, Document, 3)

        with engine(app).connect() as connection:
            connection.execute(sa.text("TRUNCATE documents CASCADE"))
            connection.rollback()

        assert number(app, Document) == 3

    def test_several_connections_lose_no_row(self, app: Flask, super_admin: ApiClient) -> None:
        in_parallel(app, write)

        assert number(app, Document) == CONNECTIONS * ROUNDS
        assert super_admin.get("/api/documents")["total"] == CONNECTIONS * ROUNDS

    def test_connections_count_in_slots_of_their_own(self, app: Flask) -> None:
        """So they do not wait for each other, and their sum is the number of rows."""
        execute(app, "TRUNCATE documents CASCADE")  # which empties all slots

        in_parallel(app, write)

        with engine(app).connect() as connection:
            slots = connection.scalars(sa.select(RowCount.n).filter_by(table_name="documents"))
            assert len([n for n in slots if n]) > 1


def execute(app: Flask, statement: str) -> None:
    with engine(app).begin() as connection:
        connection.execute(sa.text(statement))


def in_parallel(app: Flask, work: Callable[[sa.Connection], None]) -> None:
    """Do the work on several connections at once, each in a thread."""
    connections = [engine(app).connect() for _ in range(CONNECTIONS)]
    try:
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(work, connections))
    finally:
        for connection in connections:
            connection.close()


def write(connection: sa.Connection) -> None:
    """In each round add two documents, take one away, and add one that is given up."""
    text = {"title": "Plan", "content": "text", "type": "plan", "version": 1}
    for _ in range(ROUNDS):
        with connection.begin():
            added = [
                connection.scalar(sa.insert(Document).values(text).returning(Document.id))
                for _ in range(2)
            ]
        with connection.begin():
            connection.execute(sa.delete(Document).where(Document.id == added[0]))
        with connection.begin() as given_up:
            connection.execute(sa.insert(Document).values(text))
            given_up.rollback()
