"""The people of the demo."""

import datetime as dt
from random import Random

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.passwords import UNUSABLE, hash_password
from halolight.extensions import db

from .models import User

DEMO = "users"

LATELY = 14 * 24 * 60  # minutes since people have signed in, at most

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
# The front ends accept Chinese mobile numbers only. No operator has been given those with 154.
MOBILE = "154"
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
        username, role = f"{first}.{last}".lower(), "guest" if number % 13 == 12 else "user"
        account = (f"{username}@example.com", username, f"{first} {last}", role)
        status = {7: "INACTIVE", 8: "SUSPENDED"}.get(number % 9, "ACTIVE")
        person = _person(random, UNUSABLE, *account, status=status)
        if number % 8 == 5:
            person.last_login_at = None  # has never signed in
        people.append(person)
    missing = [person for person in people if known.isdisjoint({person.email, person.username})]
    db.session.add_all(missing)
    db.session.flush()
    return len(missing)


def _person(
    random: Random,
    hashed: str,
    email: str,
    username: str,
    name: str,
    role: str,
    *,
    status: str = "ACTIVE",
) -> User:
    department = random.choice(list(DEPARTMENTS))
    joined = utcnow() - dt.timedelta(days=random.randint(1, 360), minutes=random.randint(0, 1440))
    return User(
        email=email,
        username=username,
        name=name,
        role=role,
        hashed_password=hashed,
        status=status,
        department=department,
        position=random.choice(DEPARTMENTS[department]),
        phone=f"{MOBILE}{random.randint(0, 99_999_999):08}",
        last_login_at=max(joined, utcnow() - dt.timedelta(minutes=random.randint(60, LATELY))),
        email_verified_at=joined,
        created_at=joined,
        updated_at=joined,
    )
