"""Reads are compiled once for each statement, whatever is asked, and however often."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.db import reads
from halolight.core.db.base import UTCDateTime
from halolight.extensions import db
from tests.api_client import ApiClient
from tests.contract import statements
from tests.contract.operations import OPERATIONS, furnish
from tests.factories import Factory

NUMBER = sa.select(sa.cast(sa.bindparam("number"), sa.Integer).label("number"))


def test_asking_again_makes_no_new_plan(app: Flask, make: Factory) -> None:
    owner_id, rows = furnish(make)

    def ask_everything() -> int:
        for operation in OPERATIONS:
            if operation.method == "GET":
                query = operation.required_query(rows)
                make.sign_in(owner_id).open("GET", operation.url(rows), query_string=query)
        body = {"token": "no such token", "password": "a new password"}
        make.sign_in(owner_id).open("POST", "/api/auth/reset-password", json=body)
        return reads.plan.cache_info().misses

    assert ask_everything() == ask_everything()


def test_a_statement_that_is_prepared_answers_the_same(app: Flask) -> None:
    with app.app_context():
        numbers = [db.value(NUMBER, number=n) for n in range(reads.PREPARE_AFTER * 2)]

    assert numbers == list(range(reads.PREPARE_AFTER * 2))


@pytest.mark.database("postgresql")
def test_constants_are_no_parameters_of_a_prepared_statement(app: Flask) -> None:
    odd = "it's 100 %(number)s %% \\ 'x'"
    statement = NUMBER.where(
        sa.literal(odd) == odd,
        sa.literal(odd).like(r"it's 100 \%(number)s \%\% \\ %"),
        sa.literal(2).in_([1, 2, 3]),
        sa.literal(dt.datetime(2026, 5, 11, tzinfo=dt.UTC), UTCDateTime) < sa.func.now(),
    )
    prepared = sa.text(
        "SELECT parameter_types FROM pg_prepared_statements WHERE statement LIKE :it"
    )
    with app.app_context():
        db.engine.dispose()
        numbers = [db.value(statement, number=n) for n in range(reads.PREPARE_AFTER * 2)]
        with db.engine.connect() as connection:  # the one idle connection
            parameters = connection.scalars(prepared, {"it": "%it''s 100 \\%(number)s%"}).all()

    assert numbers == list(range(reads.PREPARE_AFTER * 2))
    assert parameters == ["{integer}"]


@pytest.mark.database("postgresql")
def test_a_prepared_statement_that_has_gone_is_prepared_again(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()
        for n in range(reads.PREPARE_AFTER + 1):
            db.value(NUMBER, number=n)
        with db.engine.connect() as connection:  # the one idle connection
            connection.exec_driver_sql("DEALLOCATE ALL")

        assert db.value(NUMBER, number=7) == 7


@pytest.mark.database("postgresql")
def test_a_time_limit_holds_for_its_statement_alone(app: Flask) -> None:
    slow = sa.select(sa.func.pg_sleep(sa.bindparam("seconds", type_=sa.Float)).label("slept"))
    limited = slow.execution_options(**{reads.TIME_LIMIT: 1})
    with app.app_context():
        for _ in range(reads.PREPARE_AFTER + 1):  # prepared or not
            db.value(limited, seconds=0)
        with pytest.raises(sa.exc.OperationalError, match="statement timeout"):
            db.value(limited, seconds=30)

        db.value(slow, seconds=1.1)
        db.value(limited, seconds=0)
        db.value(slow, seconds=1.1)


@pytest.mark.database("postgresql")
def test_a_list_and_its_searches_have_a_time_limit(
    app: Flask, user: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "TIME_LIMIT", re.compile("(?!)"))  # leave it where it is
    for path in ("/api/documents", "/api/documents?search=plan", "/api/documents?page=9"):
        with statements.recorded(app) as sent:
            user.get(path)

        _, *reading = sent  # the first is about the user
        assert reading
        for statement in reading:
            assert statement.startswith("SET LOCAL statement_timeout = '5s'; ")
