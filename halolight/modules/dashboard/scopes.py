"""What of each kind of thing a caller may see, and so what the figures count."""

import dataclasses as dc
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.listing import EVERYTHING, Condition
from halolight.modules.calendar import queries as calendar
from halolight.modules.documents import queries as documents
from halolight.modules.files import queries as files
from halolight.modules.messages.models import MessageReceipt
from halolight.modules.users.models import User

CALLER = documents.CALLER
NOTHING: Condition = sa.false()

IS_FILE = ~files.IS_FOLDER
ONESELF = User.id == CALLER
MY_MESSAGES = MessageReceipt.user_id == CALLER


@dc.dataclass(frozen=True)
class Scope:
    """The rows of each kind that there are for a caller. Few differ: statements are kept by it."""

    users: Condition
    documents: Condition
    files: Condition
    messages: Condition
    events: Condition
    orders: bool


def scope_of(user: CurrentUser) -> Scope:
    return Scope(
        users=EVERYTHING if user.can("users:view") else ONESELF,
        documents=_owned(user, "documents", documents.VISIBLE),
        files=_owned(user, "files", files.VISIBLE),
        messages=MY_MESSAGES if user.can("messages:view") else NOTHING,
        events=_owned(user, "calendar", calendar.VISIBLE),
        orders=user.can("orders:view"),
    )


def _owned(user: CurrentUser, resource: str, visible: Condition) -> Condition:
    if user.can(f"{resource}:manage"):
        return EVERYTHING
    return visible if user.can(f"{resource}:view") else NOTHING


def scope_params(user: CurrentUser) -> dict[str, Any]:
    """What the conditions of a scope ask: who reads, and when."""
    return {"caller": user.id, "now": utcnow()}
