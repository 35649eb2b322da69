"""Counting visits: what is one, and that each is counted once."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.extensions import db
from halolight.modules.dashboard.models import DailyVisitor, DailyVisits
from halolight.modules.dashboard.visits import VIEWS
from tests.api_client import ApiClient
from tests.factories import Factory

ME = "/api/users/me"
TODAY = dt.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _nothing_counted(app: Flask) -> None:
    with app.app_context():
        VIEWS.flush()
        db.session.execute(sa.delete(DailyVisits))
        db.session.execute(sa.delete(DailyVisitor))
        db.session.commit()


@pytest.fixture
def at_noon(app: Flask) -> Any:
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


def counted(app: Flask) -> dict[dt.date, tuple[int, int, int]]:
    """Visits, unique visitors and page views of each day, when all has been written."""
    with app.app_context():
        VIEWS.flush()
        rows: Sequence[Any] = db.session.scalars(sa.select(DailyVisits)).all()
        return {row.date: (row.visits, row.unique_visitors, row.page_views) for row in rows}


@pytest.mark.usefixtures("at_noon")
class TestOneDay:
    def test_counts_reads_sessions_and_users(self, app: Flask, make: Factory) -> None:
        first = make.client()
        clients = [first, make.sign_in(first.user_id), make.client()]

        for client in clients:
            for _ in range(3):
                client.get(ME)

        assert counted(app) == {TODAY: (3, 2, 9)}

    def test_counts_only_reads(self, app: Flask, user: ApiClient) -> None:
        user.put(ME, json={"name": "Ada"})
        user.post("/api/documents", json={"title": "Plan"})

        assert counted(app) == {}

    def test_counts_only_who_is_signed_in(self, app: Flask, anonymous: ApiClient) -> None:
        anonymous.get(ME, status=401)
        anonymous.open("GET", "/health")
        ApiClient(app, "forged").get(ME, status=401)

        assert counted(app) == {}

    def test_does_not_count_who_looks_at_the_visits(self, app: Flask, user: ApiClient) -> None:
        user.get("/api/dashboard/visits")

        assert counted(app) == {}

    def test_counts_a_visitor_once_in_however_many_batches(
        self, app: Flask, make: Factory, user: ApiClient
    ) -> None:
        user.get(ME)
        counted(app)
        user.get(ME)
        make.sign_in(user.user_id).get(ME)

        assert counted(app) == {TODAY: (2, 1, 3)}
        assert counted(app) == {TODAY: (2, 1, 3)}

    def test_keeps_the_counts_while_they_cannot_be_written(
        self, app: Flask, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user.get(ME)

        def away(*_: object) -> None:
            raise OSError("away")

        with monkeypatch.context() as patched, app.app_context():
            patched.setattr(db.session, "commit", away)
            with pytest.raises(OSError, match="away"):
                VIEWS.flush()

        assert counted(app) == {TODAY: (1, 1, 1)}


class TestDays:
    def test_are_those_of_utc(self, app: Flask, at_noon: Any, make: Factory) -> None:
        at_noon.move_to(dt.datetime(2026, 3, 2, 23, 59, tzinfo=dt.UTC))
        user = make.client()
        user.get(ME)
        at_noon.shift(60)
        user.get(ME)

        assert counted(app) == {TODAY: (1, 1, 1), TODAY + dt.timedelta(1): (1, 1, 1)}

    def test_forget_who_was_there_when_it_matters_no_more(
        self, app: Flask, at_noon: Any, make: Factory
    ) -> None:
        make.client().get(ME)
        counted(app)
        at_noon.shift(dt.timedelta(days=3))
        make.client().get(ME)

        assert counted(app).keys() == {TODAY, TODAY + dt.timedelta(3)}
        with app.app_context():
            days = set(db.session.scalars(sa.select(DailyVisitor.date)))
        assert days == {TODAY + dt.timedelta(3)}


def test_more_visitors_than_one_statement_takes(app: Flask) -> None:
    counts = Counter({(TODAY, number, number + 1): 2 for number in range(5_500)})
    with app.app_context():
        VIEWS._write(counts)
        row = db.session.scalars(sa.select(DailyVisits)).one()

    assert (row.visits, row.unique_visitors, row.page_views) == (5_500, 5_500, 11_000)
