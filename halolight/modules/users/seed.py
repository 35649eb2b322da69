"""The people of the demo."""

import datetime as dt
from random import Random

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.passwords import UNUSABLE, hash_password
from halolight.extensions import db

from .models import User

DEMO = "users"

DEMO_PASSWORD = "123456"  # noqa: S105 - public on purpose; refused in production

# The accounts one can sign in with.
DEMO_ACCOUNTS = (
    ("admin@example.com", "admin", "Alex Morgan", "super_admin"),
    ("admin@halolight.h7ml.cn", "halolight-admin", "Robin Chen", "admin"),
    ("user@halolight.h7ml.cn", "halolight-user", "Sam Taylor", "user"),
    ("guest@halolight.h7ml.cn", "halolight-guest", "Kim Novak", "guest"),
)
FIRST = ("Ada", "Ben", "Chen", "Dana", "Emil", "Fatima", "Grace", "Hugo", "Ines", "Jonas", "Kenji",
         "Lena", "Marta", "Nils", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tara", "Uma", "Viktor",
         "Wei", "Xenia", "Yusuf", "Zoe")  # fmt: skip
LAST = ("Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ito", "Jansen",
        "Kowalski", "Lindgren", "Moreau", "Nakamura")  # fmt: skip
DEPARTMENTS = {
    "Engineering": ("Developer", "Architect", "Tester"),
    "Product": ("Product manager", "Designer"),
    "Sales": ("Account manager", "Sales lead"),
    "Support": ("Support engineer",),
    "Finance": ("Controller", "Accountant"),
}


def seed_demo(random: Random) -> int:
    """Add the demo's 30 people that are missing."""
    rows = db.session.execute(sa.select(User.email, User.username)).all()
    known = {text for row in rows for text in row}
    hashed = hash_password(DEMO_PASSWORD)
    people = [_person(random, hashed, *account) for account in DEMO_ACCOUNTS]
    for number, first in enumerate(FIRST):
        last = LAST[number % len(LAST)]
        username = f"{first}.{last}".lower()
        people.append(
            _person(
                random, UNUSABLE, f"{username}@example.com", username, f"{first} {last}", "user"
            )
        )
    missing = [person for person in people if known.isdisjoint({person.email, person.username})]
    db.session.add_all(missing)
    db.session.flush()
    return len(missing)


def _person(random: Random, hashed: str, email: str, username: str, name: str, role: str) -> User:
    department = random.choice(list(DEPARTMENTS))
    joined = utcnow() - dt.timedelta(days=random.randint(1, 360), minutes=random.randint(0, 1440))
    return User(
        email=email,
        username=username,
        name=name,
        role=role,
        hashed_password=hashed,
        status="ACTIVE" if hashed != UNUSABLE else random.choice(["ACTIVE"] * 8 + ["INACTIVE"]),
        department=department,
        position=random.choice(DEPARTMENTS[department]),
        phone=f"+49 30 {random.randint(1000000, 9999999)}",
        email_verified_at=joined,
        created_at=joined,
        updated_at=joined,
    )
