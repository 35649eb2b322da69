"""Reminders: told when they are due, to whom it concerns, each exactly once."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.calendar import event_notifications
from halolight.modules.calendar.models import Event, EventReminder
from halolight.modules.calendar.reminders import BATCH
from halolight.modules.notifications.models import Notification
from tests.api_client import ApiClient
from tests.contract.statements import engine
from tests.factories import Factory

from .steps import path, plan, told

PATIENCE = 60  # seconds
MINUTE = 60


def in_minutes(minutes: float) -> str:
    """A time, as it is sent."""
    return (utcnow() + dt.timedelta(minutes=minutes)).isoformat()


def remind(app: Flask) -> str:
    """What the command prints."""
    result = app.test_cli_runner().invoke(args=["calendar", "remind"])
    assert result.exit_code == 0, result.output
    return result.output


def reminders(app: Flask, event: dict[str, Any]) -> dict[int, bool]:
    """Which reminders an event has, and whether each has been sent."""
    rows = sa.select(EventReminder.minutes, EventReminder.sent_at).filter_by(event_id=event["id"])
    with app.app_context():
        return {row.minutes: row.sent_at is not None for row in db.session.execute(rows)}


def waiting(app: Flask) -> int:
    """How many reminders are not sent."""
    unsent = sa.select(sa.func.count()).select_from(EventReminder).filter_by(sent_at=None)
    with app.app_context():
        return db.session.scalar(unsent) or 0


class TestDue:
    def test_becomes_a_notification_when_it_is_due(
        self, app: Flask, user: ApiClient, clock: time_machine.Traveller
    ) -> None:
        event = plan(user, start=in_minutes(30), location="Room 1", reminders=[10])

        assert remind(app) == "Sent 0 reminders\n"
        clock.shift(21 * MINUTE)
        assert remind(app) == "Sent 1 reminders\n"

        with app.app_context():
            notification = db.session.scalars(sa.select(Notification)).one()
        assert (notification.user_id, notification.type) == (user.user_id, "task")
        assert notification.title == "Review"
        assert notification.content == f"Starts {event['start'][:16].replace('T', ' ')} UTC, Room 1"
        assert notification.link == f"/calendar?event={event['id']}"

    def test_comes_once(self, app: Flask, user: ApiClient) -> None:
        plan(user, start=in_minutes(5), reminders=[10])

        assert [remind(app) for _ in range(3)] == [
            f"Sent {number} reminders\n" for number in (1, 0, 0)
        ]
        assert told(app, user.user_id) == ["Review"]

    def test_each_of_several_comes_at_its_time(
        self, app: Flask, user: ApiClient, clock: time_machine.Traveller
    ) -> None:
        event = plan(user, start=in_minutes(61), reminders=[60, 10, 0])

        for sent in ([60], [60, 10], [60, 10, 0]):
            clock.shift(2 * MINUTE if sent == [60] else 50 * MINUTE if sent == [60, 10] else 600)
            remind(app)
            assert {number for number, was in reminders(app, event).items() if was} == set(sent)

    def test_is_told_the_owner_and_who_has_not_declined(
        self, app: Flask, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        accepted, declined, undecided, member = (make.client() for _ in range(4))
        team = {"name": "Team", "memberIds": [user.user_id, member.user_id]}
        event = plan(
            user,
            start=in_minutes(5),
            reminders=[10],
            attendeeIds=[accepted.user_id, declined.user_id, undecided.user_id],
            teamIds=[admin.post("/api/teams", json=team)["id"]],
        )
        accepted.put(f"{path(event)}/respond", json={"status": "accepted"})
        declined.put(f"{path(event)}/respond", json={"status": "declined"})

        remind(app)

        reminded = {
            client
            for client in (user, accepted, declined, undecided, member)
            if "Review" in told(app, client.user_id)
        }
        assert reminded == {user, accepted, undecided}

    def test_is_told_the_attendees_when_nobody_owns_the_event(
        self, app: Flask, admin: ApiClient, make: Factory
    ) -> None:
        gone = make.client()
        plan(gone, start=in_minutes(5), reminders=[10], attendeeIds=[admin.user_id])
        admin.delete(f"/api/users/{gone.user_id}")

        remind(app)

        assert told(app, admin.user_id)[-1] == "Review"

    @pytest.mark.parametrize(("hours", "number"), [(23.9, 1), (24.1, 0)])
    def test_is_not_told_any_more_after_a_day(
        self,
        app: Flask,
        user: ApiClient,
        clock: time_machine.Traveller,
        hours: float,
        number: int,
    ) -> None:
        event = plan(user, start=in_minutes(10), reminders=[10])
        clock.shift(hours * 3600)

        assert remind(app) == f"Sent {number} reminders\n"
        assert reminders(app, event) == {10: True}
        assert remind(app) == "Sent 0 reminders\n"

    def test_is_not_told_of_what_had_begun_when_it_was_entered(
        self, app: Flask, user: ApiClient
    ) -> None:
        event = plan(user, start=in_minutes(-120), end=in_minutes(60), reminders=[10])

        assert remind(app) == "Sent 0 reminders\n"
        assert reminders(app, event) == {10: True}

    def test_is_not_told_of_a_deleted_event(self, app: Flask, user: ApiClient) -> None:
        user.delete(path(plan(user, start=in_minutes(5), reminders=[10])))

        assert remind(app) == "Sent 0 reminders\n"

    def test_is_not_lost_when_telling_fails(
        self, app: Flask, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        event = plan(user, start=in_minutes(5), reminders=[10])
        with monkeypatch.context() as broken:
            broken.setattr(event_notifications, "reminded", lambda *_: 1 / 0)
            result = app.test_cli_runner().invoke(args=["calendar", "remind"])

        assert isinstance(result.exception, ZeroDivisionError)
        assert reminders(app, event) == {10: False}
        assert remind(app) == "Sent 1 reminders\n"


class TestChanged:
    @pytest.mark.parametrize(
        ("method", "suffix"), [("PATCH", "/reschedule"), ("PUT", "")], ids=["reschedule", "update"]
    )
    def test_comes_again_before_the_new_start(
        self,
        app: Flask,
        user: ApiClient,
        clock: time_machine.Traveller,
        method: str,
        suffix: str,
    ) -> None:
        event = plan(user, start=in_minutes(5), reminders=[10])
        remind(app)

        times = {"start": in_minutes(60), "end": in_minutes(90)}
        user.call(method, path(event) + suffix, 200, json=times)

        assert remind(app) == "Sent 0 reminders\n"
        clock.shift(51 * MINUTE)
        assert remind(app) == "Sent 1 reminders\n"

    def test_does_not_come_for_a_start_that_is_over(self, app: Flask, user: ApiClient) -> None:
        event = plan(user, start=in_minutes(60), reminders=[10])

        user.patch(f"{path(event)}/reschedule", json={"start": in_minutes(-60)})

        assert remind(app) == "Sent 0 reminders\n"
        user.patch(f"{path(event)}/reschedule", json={"start": in_minutes(5)})
        assert remind(app) == "Sent 1 reminders\n"

    def test_stays_sent_while_the_start_stays(self, app: Flask, user: ApiClient) -> None:
        event = plan(user, start=in_minutes(5), reminders=[10])
        remind(app)

        user.put(path(event), json={"title": "Other", "end": in_minutes(90), "reminders": [10, 5]})

        assert reminders(app, event) == {10: True, 5: False}

    @pytest.mark.database("postgresql")
    def test_comes_again_when_it_was_being_sent_meanwhile(
        self, app: Flask, user: ApiClient
    ) -> None:
        event = plan(user, start=in_minutes(5), reminders=[10])
        later = {"start": in_minutes(60)}

        with ThreadPoolExecutor(1) as pool:
            with engine(app).begin() as sending:
                sending.execute(sa.update(EventReminder).values(sent_at=utcnow()))
                moving = pool.submit(user.patch, f"{path(event)}/reschedule", json=later)
                with pytest.raises(TimeoutError):  # it waits for the reminder
                    moving.result(0.5)
            moving.result(PATIENCE)

        assert reminders(app, event) == {10: False}

    def test_is_gone_when_it_is_taken_out(self, app: Flask, user: ApiClient) -> None:
        event = plan(user, start=in_minutes(5), reminders=[10])

        user.put(path(event), json={"reminders": []})

        assert remind(app) == "Sent 0 reminders\n"


@pytest.fixture
def many_due(app: Flask, user: ApiClient) -> int:
    """More reminders than one batch has, all due; how many."""
    number, start = 4 * BATCH + 7, utcnow() + dt.timedelta(minutes=5)
    event = {"start": start, "end": start, "owner_id": user.user_id, "type": "meeting"}
    with app.app_context():
        ids = db.session.scalars(
            sa.insert(Event).returning(Event.id),
            [{"title": f"Event {n}", "version": 1, **event} for n in range(number)],
        )
        due = start - dt.timedelta(minutes=10)
        reminder = {"minutes": 10, "due_at": due}
        db.session.execute(
            sa.insert(EventReminder), [{"event_id": event_id, **reminder} for event_id in ids]
        )
        db.session.commit()
    return number


@contextmanager
def running(app: Flask, *args: str) -> Iterator["subprocess.Popen[str]"]:
    """The command in a process of its own, on the database of the test."""
    environment = os.environ | {
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "JWT_SECRET": app.config["JWT_SECRET_KEY"],
        "NODE_ENV": "test",
        "FLASK_SKIP_DOTENV": "1",
    }
    command = [sys.executable, "-m", "flask", "calendar", "remind", *args]
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.slow
class TestSeveralProcesses:
    def test_tell_each_reminder_exactly_once(
        self, app: Flask, user: ApiClient, many_due: int
    ) -> None:
        with running(app) as first, running(app) as second:
            printed = [process.communicate(timeout=PATIENCE)[0] for process in (first, second)]

        numbers = [int(text.split()[1]) for text in printed]
        titles = told(app, user.user_id)
        assert sum(numbers) == len(titles) == len(set(titles)) == many_due
        assert waiting(app) == 0

    @pytest.mark.database("postgresql")
    def test_leave_each_other_what_is_being_sent(self, app: Flask, many_due: int) -> None:
        """Without waiting for it: a process that hangs holds up no other."""
        claimed = sa.select(EventReminder.event_id).limit(BATCH).with_for_update()

        with engine(app).connect() as elsewhere:
            elsewhere.execute(claimed)
            printed = remind(app)

        assert printed == f"Sent {many_due - BATCH} reminders\n"
        assert waiting(app) == BATCH


@pytest.mark.slow
class TestService:
    def test_goes_on_until_it_is_stopped(self, app: Flask, user: ApiClient) -> None:
        with running(app, "--every", "1") as process:
            for number in (1, 2):
                plan(user, start=in_minutes(5), reminders=[10])
                give_up = time.monotonic() + PATIENCE
                while len(told(app, user.user_id)) < number:
                    assert process.poll() is None, process.communicate()
                    assert time.monotonic() < give_up
                    time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=PATIENCE)

        assert (process.returncode, "Traceback" in errors) == (0, False)
        assert len(told(app, user.user_id)) == 2

    @pytest.mark.parametrize("seconds", ["0", "-1", "x"])
    def test_needs_a_pause(self, app: Flask, seconds: str) -> None:
        result = app.test_cli_runner().invoke(args=["calendar", "remind", "--every", seconds])

        assert result.exit_code == 2
