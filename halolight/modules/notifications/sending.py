"""Sending notifications: what the other modules call, in the transaction of the event."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import current_app
from limits import RateLimitItem

from halolight.core.clock import utcnow
from halolight.core.db.among import Among
from halolight.core.i18n import LANGUAGES, Message, said
from halolight.core.live.journal import StreamPosition, following
from halolight.core.metric_families import NOTIFICATIONS, count_notifications
from halolight.extensions import db, live
from halolight.modules.users import languages
from halolight.modules.users.models import User

from .models import TYPES, Notification
from .queries import UNREAD

LOCK = 4_200_819  # any number that no other advisory lock has

TAKE_TURN = sa.select(
    sa.func.pg_advisory_xact_lock(LOCK, sa.bindparam("sender_id", type_=sa.Integer))
)
LAST_OF_MANY = (
    sa.select(sa.func.max(sa.case((UNREAD, Notification.id))).label("last_unread"))
    .where(
        Among(Notification.user_id, "user_ids"),
        Notification.sender_id == sa.bindparam("sender_id"),
        Notification.type == sa.bindparam("type"),
        Notification.created_at > sa.bindparam("since"),
    )
    .group_by(Notification.user_id)
    .having(sa.func.count() >= sa.bindparam("most", type_=sa.Integer))
)

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
    spoken = _languages(recipients, title, content)
    common = _common(kind, link, sender_id)
    versions = {each: _texts(title, content, each) | common for each in set(spoken.values())}
    ids: dict[int, int] = {}  # of the notifications, by user
    if recipients and sender_id and (last := _last_of_many(recipients, kind, sender_id)):
        ids = _replace(last, versions, spoken)
    if rows := [
        {"user_id": user_id, **versions[language]}
        for user_id, language in spoken.items()
        if user_id not in ids
    ]:
        added = db.add_rows(Notification, rows, Notification.user_id, Notification.id)
        ids |= {row.user_id: row.id for row in added}
    for user_id, id_ in ids.items():
        live.tell([user_id], "notification", id=id_)
    count_notifications(db.session(), kind, len(recipients))
    return len(recipients)


def _replace(
    ids: Collection[int], versions: Mapping[str, dict[str, Any]], spoken: Mapping[int, str]
) -> dict[int, int]:
    """Give these notifications the new content, unless they were read; their ids by user."""
    replaced: dict[int, int] = {}
    for language, values in versions.items():
        theirs = Notification.user_id.in_([u for u, each in spoken.items() if each == language])
        newer = sa.update(Notification).where(Notification.id.in_(ids), UNREAD, theirs)
        ids_by_user = newer.values(values).returning(Notification.user_id, Notification.id)
        replaced |= {row.user_id: row.id for row in db.session.execute(ids_by_user)}
    return replaced


def _languages(user_ids: Collection[int], *texts: str) -> dict[int, str]:
    """The language of each user; the same for all, where the texts have no other versions."""
    default = dict.fromkeys(user_ids, languages.default_language())
    if user_ids and any(isinstance(text, Message) for text in texts):
        return default | languages.languages_of(user_ids)
    return default


def _last_of_many(user_ids: Sequence[int], kind: str, sender_id: int) -> Sequence[int]:
    """The ids of the last unread notifications of those for whom the limit is used up."""
    limit: RateLimitItem | None = current_app.config["NOTIFICATIONS_PER_PAIR"]
    if limit is None:
        return []
    if db.engine.dialect.name == "postgresql":
        # One transaction after the other, so that each counts what the others have sent. No row is
        # locked for it: this comes in the middle of changes that lock rows in an order of theirs.
        db.later(TAKE_TURN, sender_id=sender_id)
    found = db.execute(
        LAST_OF_MANY,
        user_ids=user_ids,
        sender_id=sender_id,
        type=kind,
        since=utcnow() - _window(limit),
        most=limit.amount,
    )
    return [row.last_unread for row in found if row.last_unread]


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
    common = _common(kind, link, sender_id)
    texts = {language: _texts(title, content, language) for language in LANGUAGES}
    columns = {name: _literal(name, value) for name, value in common.items()}
    for name, text in texts[languages.default_language()].items():
        versions = {language: _literal(name, texts[language][name]) for language in LANGUAGES}
        columns[name] = sa.case(versions, value=User.language, else_=_literal(name, text))
    recipients = sa.select(User.id, *columns.values()).where(meant, User.status == "ACTIVE")
    # Locked, so that an account that is being deleted does not make the statement fail.
    held = recipients.order_by(User.id).with_for_update(of=User, read=True, key_share=True)
    result: sa.CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        sa.insert(Notification).from_select(["user_id", *columns], held)
    )
    _tell_followers(common)
    count_notifications(db.session(), kind, result.rowcount)
    return result.rowcount


def _literal(column: str, value: Any) -> Any:
    return sa.literal(value, Notification.__table__.c[column].type)


def _texts(title: str, content: str, language: str) -> dict[str, Any]:
    return {"title": said(title, language)[:200], "content": said(content, language)[:2000]}


def _common(kind: str, link: str | None, sender_id: int | None) -> dict[str, Any]:
    return {"type": kind, "link": link, "sender_id": sender_id, "created_at": utcnow()}


def _tell_followers(common: dict[str, Any]) -> None:
    """Tell those who may have a stream open: looking for them reads less than all ids."""
    sent = sa.select(Notification.user_id, Notification.id).join(
        StreamPosition, StreamPosition.user_id == Notification.user_id
    )
    same = (getattr(Notification, name).is_not_distinct_from(common[name]) for name in common)
    for user_id, id_ in db.session.execute(sent.where(following(), *same)):
        live.tell([user_id], "notification", id=id_)
