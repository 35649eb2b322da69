"""Sending notifications: what the other modules call, in the transaction of the event."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from flask import current_app
from limits import RateLimitItem

from halolight.core.clock import utcnow
from halolight.core.metric_families import NOTIFICATIONS, count_notifications
from halolight.extensions import db
from halolight.modules.users.models import User

from .models import TYPES, Notification
from .queries import UNREAD

LOCK = 4_200_819  # any number that no other advisory lock has

for _type in TYPES:
    NOTIFICATIONS.labels(_type)  # a series that begins at 0


def notify(
    user_ids: Iterable[int],
    *,
    kind: str,
    title: str,
    content: str = "",
    link: str | None = None,
    sender_id: int | None = None,
) -> int:
    """Notify these users, each once and never the sender; return their number.

    `link` is a path of the front end. The rows are written in the transaction that is under way:
    a rollback removes them. For whom the sender has sent many of this kind lately,
    the new one replaces the last unread one (`NOTIFICATIONS_PER_PAIR`).
    """
    recipients = sorted(set(user_ids) - {sender_id})
    said = _said(kind, title, content, link, sender_id)
    replaced: set[int] = set()
    if recipients and sender_id and (last := _last_of_many(recipients, kind, sender_id)):
        newer = sa.update(Notification).where(Notification.id.in_(last), UNREAD).values(said)
        replaced = set(db.session.scalars(newer.returning(Notification.user_id)))
    if rows := [{"user_id": user_id, **said} for user_id in recipients if user_id not in replaced]:
        db.session.execute(sa.insert(Notification), rows)
    count_notifications(db.session(), kind, len(recipients))
    return len(recipients)


def _last_of_many(user_ids: Sequence[int], kind: str, sender_id: int) -> Sequence[int]:
    """The ids of the last unread notifications of those for whom the limit is used up."""
    limit: RateLimitItem | None = current_app.config["NOTIFICATIONS_PER_PAIR"]
    if limit is None:
        return []
    if db.engine.dialect.name == "postgresql":
        # One transaction after the other, so that each counts what the others have sent. No row is
        # locked for it: this comes in the middle of changes that lock rows in an order of theirs.
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK, sender_id)))
    last_unread = sa.func.max(sa.case((UNREAD, Notification.id)))
    recent = sa.select(last_unread).where(
        *(Notification.user_id.in_(user_ids), Notification.sender_id == sender_id),
        *(Notification.type == kind, Notification.created_at > utcnow() - _window(limit)),
    )
    full = recent.group_by(Notification.user_id).having(sa.func.count() >= limit.amount)
    return [id_ for id_ in db.session.scalars(full) if id_]


def _window(limit: RateLimitItem) -> dt.timedelta:
    return dt.timedelta(seconds=limit.get_expiry())


def notify_all(
    meant: sa.ColumnElement[bool],
    *,
    kind: str,
    title: str,
    content: str = "",
    link: str | None = None,
    sender_id: int | None = None,
) -> int:
    """Notify all active users for whom the condition holds; return their number.

    As `notify`, but however many they are it is one statement, and the sender may be among them.
    """
    said = _said(kind, title, content, link, sender_id)
    columns = Notification.__table__.c
    values = [sa.literal(value, columns[name].type) for name, value in said.items()]
    recipients = sa.select(User.id, *values).where(meant, User.status == "ACTIVE").order_by(User.id)
    # Locked, so that an account that is being deleted does not make the statement fail.
    held = recipients.with_for_update(of=User, read=True, key_share=True)
    result: sa.CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        sa.insert(Notification).from_select(["user_id", *said], held)
    )
    count_notifications(db.session(), kind, result.rowcount)
    return result.rowcount


def _said(
    kind: str, title: str, content: str, link: str | None, sender_id: int | None
) -> dict[str, Any]:
    return {
        "type": kind,
        "title": title[:200],
        "content": content[:2000],
        "link": link,
        "sender_id": sender_id,
        "created_at": utcnow(),
    }
