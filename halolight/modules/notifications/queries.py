"""The statements for notifications: users read only their own."""

import sqlalchemy as sa

from halolight.core.db.among import Among
from halolight.core.db.listing import Listing
from halolight.core.db.resource import CALLER
from halolight.extensions import db
from halolight.modules.users.models import User

from .models import Notification

MINE = Notification.user_id == CALLER
UNREAD = Notification.read_at.is_(None)

NOTIFICATION = sa.select(
    Notification.id,
    Notification.type,
    Notification.title,
    Notification.content,
    Notification.link,
    Notification.read_at.is_not(None).label("read"),
    Notification.read_at,
    Notification.sender_id,
    User.name.label("sender_name"),
    User.avatar.label("sender_avatar"),
    Notification.created_at,
).outerjoin(User, User.id == Notification.sender_id)

ONE_NOTIFICATION = NOTIFICATION.where(Notification.id == sa.bindparam("id"), MINE)
UNREAD_COUNT = (
    sa.select(sa.func.count().label("count")).select_from(Notification).where(MINE, UNREAD)
)

# For the streams of several users.
TOLD = NOTIFICATION.add_columns(Notification.user_id).where(Among(Notification.id, "ids"))
UNREAD_COUNTS = (
    sa.select(Notification.user_id, sa.func.count().label("count"))
    .where(Among(Notification.user_id, "ids"), UNREAD)
    .group_by(Notification.user_id)
)

NOTIFICATIONS = Listing(
    db,
    Notification,
    NOTIFICATION,
    {
        # Two filters and not one with a parameter: the unread ones have an index of their own.
        "unread": UNREAD,
        "read": Notification.read_at.is_not(None),
        "type": Notification.type == sa.bindparam("type"),
    },
)

# In the order of the ids, so that two who change the same rows wait for, and never block, each
# other. A row that was read meanwhile is left out.
MY_UNREAD = sa.select(Notification.id).where(MINE, UNREAD).order_by(Notification.id)
READ_MINE = (
    sa.update(Notification)
    .where(Notification.id.in_(MY_UNREAD.with_for_update()))
    .values(read_at=sa.bindparam("now"))
)
READ_ONE = (
    sa.update(Notification)
    .where(Notification.id == sa.bindparam("notification_id"), MINE, UNREAD)
    .values(read_at=sa.bindparam("now"))
)
