"""The notifications of the demo."""

import datetime as dt
from collections.abc import Sequence
from random import Random

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.users.models import User

from .models import Notification

DEMO = "notifications"
AFTER = ("users",)

Kind = tuple[str, str, str, str | None, bool]
Person = sa.Row[int, str]

PEOPLE = 12  # the accounts one can sign in with come first
EACH = 20  # all kinds twice
DAYS = 28

# type, title, content, link, whether it has a sender
KINDS: tuple[Kind, ...] = (
    ("system", "Maintenance on Sunday", "The service is away from 06:00 to 06:30 UTC.", None,
     False),
    ("system", "New in this version", "Files can be shared by a link.", "/files", False),
    ("user", "A document was shared with you", "{name} shared “Release plan” with you",
     "/documents", True),
    ("user", "You were added to a team", "{name} added you to “Platform”", "/teams", True),
    ("message", "New message", "{name}: Could you have a look at the figures before noon?",
     "/messages", True),
    ("message", "New message", "{name}: Thank you, that was quick.", "/messages", True),
    ("task", "Due tomorrow", "Write down what the incident taught us", "/calendar", False),
    ("user", "You are invited to an event", "{name} invited you to “Planning of the quarter”",
     "/calendar", True),
    ("alert", "Storage is getting full", "80 % of your storage is used.", "/files", False),
    ("alert", "A sign-in was ended", "A token of it was used twice. Was it you?", "/settings",
     False),
)  # fmt: skip


def seed_demo(random: Random) -> int:
    """Add the demo's notifications where there is none yet."""
    if db.session.scalar(sa.select(Notification.id).limit(1)):
        return 0
    people = db.session.execute(sa.select(User.id, User.name).order_by(User.id)).all()
    added = [
        _notification(random, number, KINDS[(first + number) % len(KINDS)], person, people)
        for first, person in enumerate(people[:PEOPLE])
        for number in range(EACH)
    ]
    added.sort(key=lambda each: each.created_at)  # ids in the order of time, as they would be
    db.session.add_all(added)
    db.session.flush()
    return len(added)


def _notification(
    random: Random, number: int, kind: Kind, to: Person, people: Sequence[Person]
) -> Notification:
    """One of a person's: the older it is, the likelier it has been read.

    Of every second kind, and so of each type, the newer is unread and the older read.
    """
    type_, title, content, link, personal = kind
    by = random.choice([person for person in people if person.id != to.id]) if personal else None
    age = dt.timedelta(days=DAYS * number / EACH, minutes=random.randint(5, 2 * 24 * 60))
    created = utcnow() - age
    settled = KINDS.index(kind) % 2 == 0
    read = number >= len(KINDS) if settled else random.random() < age / dt.timedelta(days=DAYS)
    return Notification(
        user_id=to.id,
        type=type_,
        title=title,
        content=content.format(name=by and by.name),
        link=link,
        sender_id=by and by.id,
        read_at=created + age * random.random() if read else None,
        created_at=created,
    )
