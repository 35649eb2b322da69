"""Notifications: one's own."""

from halolight.core.api import Blueprint

blp = Blueprint(
    "notifications", __name__, url_prefix="/api/notifications", description="Notifications"
)
