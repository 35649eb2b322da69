"""Many rows in one column, alike on both databases and both ways to read."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.db.aggregates import JsonRows, JsonValues
from halolight.core.db.reads import PREPARE_AFTER
from halolight.extensions import db
from halolight.modules.users.models import User
from tests.factories import Factory

NAMES = ["Zoë 🦊", 'O"Neil\\', "Ann\u2028", "%s %(name)s", "{}"]

ROWS = sa.select(JsonRows(id=User.id, name=User.name, avatar=User.avatar).label("rows"))
VALUES = sa.select(JsonValues(User.id).label("ids"))
NOBODY = User.id == sa.bindparam("nobody")


@pytest.fixture
def people(app: Flask, make: Factory) -> list[int]:
    return [make.user(name=name).id for name in NAMES]


def both_ways(app: Flask, statement: sa.Select[Any], **params: Any) -> list[Any]:
    """What the read path and the session find."""
    with app.app_context():
        return [db.value(statement, **params), db.session.scalar(statement, params)]


class TestRows:
    def test_are_dicts_in_the_order_of_the_first_column(
        self, app: Flask, people: list[int]
    ) -> None:
        rows = [
            {"id": i, "name": name, "avatar": None} for i, name in zip(people, NAMES, strict=True)
        ]

        assert both_ways(app, ROWS) == [rows, rows]

    def test_may_be_none(self, app: Flask, people: list[int]) -> None:
        assert both_ways(app, ROWS.where(NOBODY), nobody=0) == [[], []]

    def test_are_read_for_each_row_of_a_list(self, app: Flask, people: list[int]) -> None:
        other = sa.alias(User.__table__)
        before = sa.select(JsonRows(id=other.c.id)).where(other.c.id < User.id)
        statement = sa.select(
            User.id, before.correlate(User).scalar_subquery().label("before")
        ).order_by(User.id)

        with app.app_context():
            found = [[each["id"] for each in row.before] for row in db.rows(statement)]

        assert found == [people[:number] for number in range(len(people))]

    def test_are_the_same_from_a_prepared_statement(self, app: Flask, people: list[int]) -> None:
        with app.app_context():
            found = [db.value(ROWS) for _ in range(PREPARE_AFTER + 2)]

        assert [row["id"] for row in found[-1]] == people
        assert all(each == found[0] for each in found)


class TestValues:
    def test_are_in_their_own_order(self, app: Flask, people: list[int]) -> None:
        assert both_ways(app, VALUES) == [people, people]

    def test_may_be_none(self, app: Flask, people: list[int]) -> None:
        assert both_ways(app, VALUES.where(NOBODY), nobody=0) == [[], []]
