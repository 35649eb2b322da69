"""Telling people: what the other modules call, in the transaction of what there is to tell."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.users.models import User

from .models import Notification


def notify(
    user_ids: Iterable[int],
    *,
    kind: str,
    title: str,
    content: str = "",
    link: str | None = None,
    sender_id: int | None = None,
) -> int:
    """Tell these people, each once and never the sender; answers how many.

    `link` is a path of the front end. The rows are written in the transaction that is under way:
    what is rolled back is told to nobody.
    """
    told = sorted(set(user_ids) - {sender_id})
    if told:
        said = _said(kind, title, content, link, sender_id)
        rows = [{"user_id": user_id, **said} for user_id in told]
        db.session.execute(sa.insert(Notification), rows)
    return len(told)


def notify_all(
    meant: sa.ColumnElement[bool],
    *,
    kind: str,
    title: str,
    content: str = "",
    link: str | None = None,
    sender_id: int | None = None,
) -> int:
    """Tell all active users for whom the condition holds; answers how many.

    As `notify`, but however many they are it is one statement, and the sender may be among them.
    """
    said = _said(kind, title, content, link, sender_id)
    columns = Notification.__table__.c
    values = [sa.literal(value, columns[name].type) for name, value in said.items()]
    told = sa.select(User.id, *values).where(meant, User.status == "ACTIVE").order_by(User.id)
    # Held, so that one account that is being deleted does not undo it for all.
    held = told.with_for_update(of=User, read=True, key_share=True)
    result: sa.CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        sa.insert(Notification).from_select(["user_id", *said], held)
    )
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
