"""Reading your own notifications, sending them to many users, and those about roles."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.listing import EVERYTHING, Page
from halolight.core.db.reads import Row
from halolight.core.errors import Invalid, NotFound
from halolight.core.i18n import _
from halolight.core.live.kinds import UNREAD
from halolight.extensions import db, live
from halolight.modules.audit import trail
from halolight.modules.roles.hooks import after_grants_change
from halolight.modules.roles.models import Role
from halolight.modules.users.hooks import before_account_change
from halolight.modules.users.models import User
from halolight.modules.users.service import check_active

from . import queries
from .models import Notification
from .sending import notify, notify_all

NOT_FOUND = _("Notification not found.")


def list_notifications(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    """The notifications of the user.

    `unread=false` asks for those that were read, `unreadOnly=false` for all.
    """
    unread = True if query.get("unread_only") else query.get("unread")
    narrowed = {} if unread is None else {"unread" if unread else "read": True}
    asked = {**query, "unread": None, **narrowed}
    return queries.NOTIFICATIONS.page(asked, queries.MINE, caller=user.id)


def count_unread_notifications(user: CurrentUser) -> Row:
    return db.row(queries.UNREAD_COUNT, caller=user.id)


def read_notification(user: CurrentUser, notification_id: int) -> Row:
    """Mark one as read. When that was is kept if it was read before."""
    params = {"notification_id": notification_id, "caller": user.id, "now": utcnow()}
    if _run(queries.READ_ONE, params):
        trail.record(user, "notifications.read", notification_id)
        live.tell([user.id], UNREAD)
    db.session.commit()
    row = db.row(queries.ONE_NOTIFICATION, id=notification_id, caller=user.id)
    if row is None:
        raise NotFound(NOT_FOUND)
    return row


def read_all_notifications(user: CurrentUser) -> int:
    """Mark all as read; return how many were unread."""
    read = _run(queries.READ_MINE, {"caller": user.id, "now": utcnow()})
    if read:
        trail.record(user, "notifications.read-all", unread=(read, 0))
        live.tell([user.id], UNREAD)
    db.session.commit()
    return read


def delete_notification(user: CurrentUser, notification_id: int) -> None:
    mine = sa.delete(Notification).filter_by(id=notification_id, user_id=user.id)
    if not _run(mine, {}):
        raise NotFound(NOT_FOUND)
    trail.record(user, "notifications.delete", notification_id)
    live.tell([user.id], UNREAD)
    db.session.commit()


def send_notification(user: CurrentUser, data: Mapping[str, Any]) -> int:
    """Notify these users, those with a role, or all; return their number."""
    sent = notify_all(
        _recipients(data),
        kind=data["type"],
        title=data["title"],
        content=data["content"],
        link=data["link"],
        sender_id=user.id,
    )
    sent_to = {
        name: (None, data[name]) for name in ("title", "user_ids", "role", "all") if data[name]
    }
    trail.record(user, "notifications.create", None, **sent_to, sent=(None, sent))
    db.session.commit()
    return sent


def _recipients(data: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    if data["all"]:
        return EVERYTHING
    if data["user_ids"]:
        check_active(data["user_ids"], "userIds")
        return User.id.in_(data["user_ids"])
    if db.session.get(Role, data["role"]) is None:
        raise Invalid(_("There is no such role.", code="not_found"), field="role")
    return User.role == sa.literal(data["role"])


@before_account_change
def tell_new_role(user: User, changes: Mapping[str, Any]) -> None:
    role = changes.get("role", user.role)
    if role == user.role:
        return
    label = db.session.scalar(sa.select(Role.label).filter_by(name=role))
    notify(
        [user.id],
        kind="system",
        title=_("Your role has changed"),
        content=_("Your role is now “{role}”.", role=label),
    )


@after_grants_change
def tell_new_grants(role: Role) -> None:
    notify_all(
        User.role == role.name,
        kind="system",
        title=_("Your permissions have changed"),
        content=_("The permissions of your role “{role}” have changed.", role=role.label),
    )


def prune_notifications(age: dt.timedelta) -> int:
    """Delete notifications that were read that long ago; return their number."""
    pruned = _run(sa.delete(Notification).where(Notification.read_at <= utcnow() - age), {})
    db.session.commit()
    return pruned


def _run(statement: sa.Update | sa.Delete, params: Mapping[str, Any]) -> int:
    """Run a statement; return the number of changed rows."""
    options = {"synchronize_session": False}
    result: sa.CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        statement, params, execution_options=options
    )
    return result.rowcount
