"""The audit trail of the demo: what its documents and people have left behind."""

import datetime as dt
from random import Random
from typing import Any

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db

from .models import AuditEntry

# By name, because the modules that the trail is about are above this one.
USERS = AuditEntry.metadata.tables["users"].c
DOCUMENTS = AuditEntry.metadata.tables["documents"].c

DEMO = "audit entries"
AFTER = ("users", "documents")

PEOPLE = 8  # who sign in now and then
LOGINS = 10  # of each
DAYS = 28
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.4 Safari/605.1.15",
)


def seed_demo(random: Random) -> int:
    """Add the demo's audit trail where there is none yet."""
    if db.session.scalar(sa.select(AuditEntry.id).limit(1)):
        return 0
    people = db.session.execute(sa.select(USERS.id, USERS.name).order_by(USERS.id)).all()
    names = {person.id: person.name for person in people}
    written = sa.select(
        DOCUMENTS.id, DOCUMENTS.title, DOCUMENTS.author_id, DOCUMENTS.created_at
    ).order_by(DOCUMENTS.id)
    rows = [
        _row(random, document.author_id, names, document.created_at)
        | {"action": "documents.create", "target_type": "documents"}
        | {"target_id": str(document.id), "target_name": document.title}
        | {"changes": {"title": {"from": None, "to": document.title}}}
        for document in db.session.execute(written)
        if document.author_id in names
    ]
    for person in people[:PEOPLE]:
        for _ in range(LOGINS):
            moment = utcnow() - dt.timedelta(minutes=random.randint(5, DAYS * 24 * 60))
            rows.append(
                _row(random, person.id, names, moment)
                | {"action": "auth.login", "target_type": "users", "changes": {}}
                | {"target_id": str(person.id), "target_name": person.name}
            )
    rows.sort(key=lambda row: row["created_at"])  # ids in the order of time, as they would be
    db.session.execute(sa.insert(AuditEntry), rows)
    return len(rows)


def _row(
    random: Random, actor_id: int, names: dict[int, str], moment: dt.datetime
) -> dict[str, Any]:
    return {
        "actor_id": actor_id,
        "actor_name": names[actor_id],
        "ip": f"192.0.2.{10 + actor_id % 200}",
        "user_agent": random.choice(BROWSERS),
        "request_id": f"{random.getrandbits(96):024x}",
        "created_at": moment,
    }
