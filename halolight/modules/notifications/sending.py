"""Telling people: what the other modules call, in the transaction of what there is to tell."""

from collections.abc import Iterable

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db

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
    if not told:
        return 0
    said = {
        "type": kind,
        "title": title[:200],
        "content": content[:2000],
        "link": link,
        "sender_id": sender_id,
        "created_at": utcnow(),
    }
    db.session.execute(sa.insert(Notification), [{"user_id": user_id, **said} for user_id in told])
    return len(told)
