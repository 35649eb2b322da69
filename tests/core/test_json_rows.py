"""The rows of a sub-select as one JSON list, by both ways of reading and on both databases."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.aggregates import json_rows
from halolight.extensions import db
from halolight.modules.roles.models import Role
from halolight.modules.users.models import User
from tests.factories import Factory

HOLDERS = (
    sa.select(User.id, User.name.label("called"), User.avatar)
    .where(User.role == Role.name)
    .correlate(Role)
    .order_by(User.name.desc())
    .limit(2)
)
ROLES = (
    sa.select(Role.name, json_rows(HOLDERS).label("holders"))
    .where(Role.name.in_(["user", "guest"]))
    .order_by(Role.name)
)


@pytest.fixture
def expected(make: Factory) -> list[Any]:
    """No guest, and those of three users who are the last by name."""
    quoted = make.user(name='B "quoted" \\ Ünï 🦊', avatar="/b.png")
    make.user(name="A")
    last = make.user(name="C")
    return [
        ("guest", []),
        (
            "user",
            [
                {"id": last.id, "called": "C", "avatar": None},
                {"id": quoted.id, "called": quoted.name, "avatar": "/b.png"},
            ],
        ),
    ]


def test_are_a_list_of_objects_in_order(app: Flask, expected: list[Any]) -> None:
    with app.app_context():
        assert [tuple(row) for row in db.session.execute(ROLES)] == expected


def test_are_the_same_when_the_statement_is_prepared(app: Flask, expected: list[Any]) -> None:
    with app.app_context():
        for _ in range(7):
            assert [tuple(row) for row in db.rows(ROLES)] == expected
