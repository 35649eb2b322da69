"""The events of the demo, on whatever day they are added."""

import datetime as dt
from collections.abc import Iterator
from random import Random

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.calendar import seed, service
from halolight.modules.calendar.models import (
    ANSWERS,
    STATUSES,
    TYPES,
    Event,
    EventAttendee,
    EventReminder,
    EventTeam,
)
from halolight.modules.teams import seed as teams
from halolight.modules.users import seed as people
from halolight.modules.users.models import User

from .test_overviews import between, caller_of

WEDNESDAY = dt.datetime(2026, 11, 25, 10, 30, tzinfo=dt.UTC)
SUNDAY = dt.datetime(2026, 11, 29, 23, 30, tzinfo=dt.UTC)


@pytest.fixture(params=[WEDNESDAY, SUNDAY], ids=["Wednesday", "Sunday"])
def seeded(app: Flask, request: pytest.FixtureRequest) -> Iterator[Flask]:
    with time_machine.travel(request.param, tick=False):
        with app.app_context():
            for seed_demo in (people.seed_demo, teams.seed_demo, seed.seed_demo):
                seed_demo(Random(1))
            db.session.commit()
        yield app


def found(statement: sa.Select[tuple[str | None]]) -> set[str | None]:
    return set(db.session.scalars(statement))


def are_of_every_kind(seeded: Flask) -> None:
    with seeded.app_context():
        assert found(sa.select(Event.type)) == set(TYPES)
        assert found(sa.select(Event.status)) == {*STATUSES, None}
        assert found(sa.select(EventAttendee.status)) == set(ANSWERS)
        assert db.session.scalar(sa.select(sa.func.count()).where(Event.all_day))
        assert db.session.scalar(sa.select(sa.func.count()).select_from(EventTeam))


def are_weeks_before_and_after(seeded: Flask) -> None:
    with seeded.app_context():
        first, last = db.session.execute(
            sa.select(sa.func.min(Event.start), sa.func.max(Event.start))
        ).one()
        assert dt.timedelta(days=10) < utcnow() - first < dt.timedelta(days=16)
        assert dt.timedelta(days=14) < last - utcnow() < dt.timedelta(days=22)


def are_today_for_each_account(seeded: Flask) -> None:
    today = utcnow().replace(hour=0, minute=0)
    with seeded.app_context():
        for email, *_ in people.DEMO_ACCOUNTS:
            user_id = db.session.scalar(sa.select(User.id).filter_by(email=email)) or 0
            assert "Stand-up" in between(
                caller_of(user_id), today, today + dt.timedelta(days=1), limit=100
            )
            assert service.list_my_tasks(caller_of(user_id), 10)


def leave_no_reminder_of_the_past(seeded: Flask) -> None:
    with seeded.app_context():
        unsent = sa.select(sa.func.count()).where(EventReminder.sent_at.is_(None))
        assert db.session.scalar(unsent.where(EventReminder.due_at <= utcnow())) == 0
        assert db.session.scalar(unsent)


def are_added_once(seeded: Flask) -> None:
    with seeded.app_context():
        assert seed.seed_demo(Random(1)) == 0


def test_are_what_the_screens_need(subtests: pytest.Subtests, seeded: Flask) -> None:
    """In one case: to add them takes longer than to look at them."""
    for check in (
        are_of_every_kind,
        are_weeks_before_and_after,
        are_today_for_each_account,
        leave_no_reminder_of_the_past,
        are_added_once,
    ):
        with subtests.test(check.__name__):
            check(seeded)
