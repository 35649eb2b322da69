"""The events of the demo: five weeks around the day on which they are added."""

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.teams.models import Team
from halolight.modules.users.models import User
from halolight.modules.users.seed import DEMO_ACCOUNTS

from . import series
from .models import STATUSES, Event, EventAttendee, EventReminder, EventTeam

DEMO = "events"
AFTER = ("users", "teams")

DAYS = range(-14, 21)  # from today
SATURDAY = 5
CREW = 12  # people who have events of their own

MEETINGS = ("Sprint planning", "Design review", "Customer call", "Weekly sync", "Retrospective",
            "Hiring interview", "Budget review", "Incident review", "Product demo")  # fmt: skip
TASKS = ("Prepare the release notes", "Update the roadmap", "Review the contract",
         "Write the report", "Answer the audit questions", "Clean up the backlog",
         "Check the backups")  # fmt: skip
REMINDERS = ("Renew the certificate", "Submit the expenses", "Book the flights", "Call the bank")
ALL_DAY = (  # title, type, first day from today, days
    ("Trade fair", "meeting", -9, 3),
    ("Company holiday", "holiday", 8, 1),
    ("Team offsite", "meeting", 13, 2),
)
ZONE = "Europe/Berlin"  # of series
ROOMS = ("Room 1", "Room 2", "Main hall", "https://meet.example.com/demo", None)
COLORS = {"meeting": "#3b82f6", "task": "#f59e0b", "reminder": "#a855f7", "holiday": "#10b981"}
# Answers, most of them yes.
ANSWERS = ("accepted", "accepted", "accepted", "pending", "declined")


def seed_demo(random: Random) -> int:
    """Add the demo's events where there is none yet."""
    if db.session.scalar(sa.select(Event.id).limit(1)):
        return 0
    active = sa.select(User.id).where(User.status == "ACTIVE").order_by(User.id)
    people = db.session.scalars(active.limit(CREW)).all()
    teams = db.session.scalars(sa.select(Team.id).order_by(Team.id)).all()
    today = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    added = sum(_add_day(random, today, offset, people, teams) for offset in DAYS)
    for title, type_, first, days in ALL_DAY:
        start = today + dt.timedelta(days=first)
        event = _add(title, type_, people[0], start, dt.timedelta(days=days - 1), all_day=True)
        _share(event, teams)
    return added + len(ALL_DAY) + _add_for_accounts(random, today, people)


def _add_day(
    random: Random, today: dt.datetime, offset: int, people: Sequence[int], teams: Sequence[int]
) -> int:
    """Two meetings, a task and sometimes a reminder, on a working day."""
    day = today + dt.timedelta(days=offset)
    if day.weekday() >= SATURDAY:
        return 0
    for hour in (random.randint(8, 11), random.randint(12, 16)):
        length = dt.timedelta(minutes=random.choice((30, 45, 60, 90)))
        owner, title = random.choice(people), random.choice(MEETINGS)
        room = random.choice(ROOMS)
        start = day + dt.timedelta(hours=hour)
        event = _add(title, "meeting", owner, start, length, location=room)
        _invite(random, event, people)
        _remind(event, 15)
        if offset % 3 == 0:
            _share(event, random.sample(teams, 1))
    status = "done" if offset < -1 else random.choice(STATUSES) if offset < 4 else "pending"
    at = day + dt.timedelta(hours=random.randint(9, 17))
    task = random.choice(TASKS)
    _add(task, "task", random.choice(people), at, dt.timedelta(hours=1), status=status)
    if offset % 4:
        return 3
    title, owner = random.choice(REMINDERS), random.choice(people)
    _remind(_add(title, "reminder", owner, day + dt.timedelta(hours=9), dt.timedelta()), 0)
    return 4


def _add_for_accounts(random: Random, today: dt.datetime, people: Sequence[int]) -> int:
    """Something for today for each account that one can sign in with, whatever day it is."""
    emails = [email for email, *_ in DEMO_ACCOUNTS]
    accounts = sa.select(User.id).where(User.email.in_(emails)).order_by(User.id)
    ids = db.session.scalars(accounts).all()
    for number, owner in enumerate(ids):
        start = today + dt.timedelta(hours=9 + 2 * number)
        event = _add("Stand-up", "meeting", owner, start, dt.timedelta(minutes=15))
        _invite(random, event, people)
        _remind(event, 10)
        at = today + dt.timedelta(hours=15)
        status = STATUSES[number % len(STATUSES)]
        _add(random.choice(TASKS), "task", owner, at, dt.timedelta(hours=1), status=status)
        _repeat(owner, today + dt.timedelta(hours=13))
    return 3 * len(ids)


def _repeat(owner: int, start: dt.datetime) -> None:
    """A series: every two weeks from today on, at this hour in Berlin."""
    event = _add("Planning", "meeting", owner, start, dt.timedelta(hours=1), time_zone=ZONE)
    series.set_recurrence(event, {"rule": "FREQ=WEEKLY;INTERVAL=2"})
    series.lay_out(event)
    _remind(event, 10)


def _add(
    title: str,
    type_: str,
    owner_id: int,
    start: dt.datetime,
    length: dt.timedelta,
    **fields: Any,
) -> Event:
    written = min(utcnow(), start) - dt.timedelta(days=3)
    times = {"start": start, "end": start + length, "created_at": written, "updated_at": written}
    event = Event(
        title=title, type=type_, color=COLORS[type_], owner_id=owner_id, **times, **fields
    )
    db.session.add(event)
    db.session.flush()
    return event


def _invite(random: Random, event: Event, people: Sequence[int]) -> None:
    others = [person for person in people if person != event.owner_id]
    for person in random.sample(others, min(len(others), random.randint(2, 5))):
        answer = random.choice(ANSWERS)
        db.session.add(EventAttendee(event_id=event.id, user_id=person, status=answer))


def _share(event: Event, teams: Sequence[int]) -> None:
    db.session.add_all(EventTeam(event_id=event.id, team_id=team_id) for team_id in teams)


def _remind(event: Event, minutes: int) -> None:
    """What was due already counts as sent."""
    due = event.start - dt.timedelta(minutes=minutes)
    sent = due if due <= utcnow() else None
    db.session.add(EventReminder(event_id=event.id, minutes=minutes, due_at=due, sent_at=sent))
