"""Notifications: reading your own, and sending them to many users."""

from typing import Any

from halolight.core.access import current_user
from halolight.core.db.listing import Page
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _
from halolight.core.schemas.base import page_of

from . import service
from .schemas import (
    NotificationCountSchema,
    NotificationInput,
    NotificationQuery,
    NotificationSchema,
    NotificationsReadSchema,
    NotificationsSentSchema,
)

blp = Blueprint(
    "notifications", __name__, url_prefix="/api/notifications", description="Notifications"
)


@blp.get("")
@blp.require("notifications:view")
@blp.arguments(NotificationQuery, location="query")
@blp.response(200, page_of(NotificationSchema))
def list_notifications(query: dict[str, Any]) -> Page:
    """List your notifications"""
    return service.list_notifications(current_user(), query)


@blp.get("/unread-count")
@blp.require("notifications:view")
@blp.response(200, NotificationCountSchema)
def count_unread_notifications() -> Row:
    """Count your unread notifications"""
    return service.count_unread_notifications(current_user())


@blp.post("")
@blp.require("notifications:manage")
@blp.arguments(NotificationInput)
@blp.response(201, NotificationsSentSchema, message=_("Notification sent"))
def send_notification(data: dict[str, Any]) -> dict[str, int]:
    """Send a notification

    To the users in `userIds`, to all who have a `role`, or to `all`: exactly one of these.
    Only active users get it.
    """
    return {"sent": service.send_notification(current_user(), data)}


@blp.put_or_patch("/<int:notification_id>/read")
@blp.require("notifications:update")
@blp.response(200, NotificationSchema, message=_("Notification read"))
@blp.fails(404)
def read_notification(notification_id: int) -> Row:
    """Mark a notification as read"""
    return service.read_notification(current_user(), notification_id)


@blp.put_or_patch("/read-all")
@blp.require("notifications:update")
@blp.response(200, NotificationsReadSchema, message=_("Notifications read"))
def read_all_notifications() -> dict[str, int]:
    """Mark all your notifications as read"""
    return {"updated": service.read_all_notifications(current_user())}


@blp.delete("/<int:notification_id>")
@blp.require("notifications:delete")
@blp.response(200, message=_("Notification deleted"))
@blp.fails(404)
def delete_notification(notification_id: int) -> None:
    """Delete a notification"""
    service.delete_notification(current_user(), notification_id)
