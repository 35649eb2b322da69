"""What of each kind of thing a caller may see, and so what the figures count."""

import dataclasses as dc
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.listing import EVERYTHING, Condition
from halolight.modules.calendar import queries as calendar
from halolight.modules.documents import queries as documents
from halolight.modules.files.models import FOLDER, File, FileShare
from halolight.modules.messages.models import MessageReceipt
from halolight.modules.teams.models import teams_of
from halolight.modules.users.models import User

CALLER, NOW = documents.CALLER, documents.NOW
NOTHING: Condition = sa.false()

_valid = sa.or_(FileShare.expires_at.is_(None), FileShare.expires_at > NOW)
_with_caller = sa.or_(FileShare.user_id == CALLER, FileShare.team_id.in_(teams_of(CALLER)))
# What is shared with the caller, and all that lies in the folders among it.
_named = (
    sa.select(FileShare.file_id.label("id"))
    .where(_with_caller, _valid)
    .cte("shared_files", recursive=True)
)
_shared = _named.union(sa.select(File.id).join(_named, File.folder_id == _named.c.id))
_own_files = sa.select(File.id).where(File.owner_id == CALLER)

VISIBLE_FILES = File.id.in_(_own_files.union(sa.select(_shared.c.id)))
IS_FILE = File.type != FOLDER
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
        files=_owned(user, "files", VISIBLE_FILES),
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
