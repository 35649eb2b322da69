"""What comes in and goes out of the notifications' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Choice,
    Embedded,
    Id,
    Line,
    LowerLine,
    UniqueList,
    Url,
    UTCDateTimeField,
    sort_by,
    sort_order,
)
from halolight.core.schemas.validate import Length
from halolight.modules.users.schemas import PersonSchema

from .models import TYPES


class NotificationSchema(Schema):
    id = ma.fields.Integer(required=True)
    type = ma.fields.String(
        required=True, metadata={"description": "Set by the sender.", "enum": list(TYPES)}
    )
    title = ma.fields.String(required=True)
    content = ma.fields.String(required=True)
    link = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Target of the notification: a URL, or a path of the front end.",
            "example": "/documents/5",
        },
    )
    read = ma.fields.Boolean(required=True)
    read_at = UTCDateTimeField(
        required=True, allow_none=True, metadata={"description": "Null while it is unread."}
    )
    sender = Embedded(PersonSchema)
    created_at = UTCDateTimeField(required=True)


class NotificationQuery(PageQuery):
    unread = ma.fields.Boolean(metadata={"description": "`false` shows those that were read."})
    unread_only = ma.fields.Boolean(metadata={"description": "`false` shows all."})
    type = Choice(*TYPES, metadata={"description": "Only notifications of this type."})
    sort_by = sort_by("created_at")
    sort_order = sort_order()


class NotificationCountSchema(Schema):
    count = ma.fields.Integer(required=True, metadata={"description": "Your unread notifications."})


class NotificationsReadSchema(Schema):
    updated = ma.fields.Integer(
        required=True, metadata={"description": "Number of notifications that were unread."}
    )


class NotificationInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "title": "Maintenance",
        "content": "Tonight at ten",
        "userIds": [2],
    }

    title = Line(required=True, validate=Length(1, 200))
    content = ma.fields.String(load_default="", validate=Length(max=2000))
    type = Choice(*TYPES, load_default="system")
    link = Url(load_default=None, empty_is_none=False, validate=Length(max=500))
    user_ids = UniqueList(
        Id(),
        load_default=None,
        validate=Length(1, 100),
        metadata={
            "description": "These users. Exactly one of `userIds`, `role` and `all` is needed."
        },
    )
    role = LowerLine(
        load_default=None,
        validate=Length(max=50),
        metadata={"description": "Everybody with this role."},
    )
    all = ma.fields.Boolean(load_default=False, metadata={"description": "Everybody."})

    @ma.validates_schema
    def _check_recipients(self, data: dict[str, Any], **kwargs: Any) -> None:
        if [data["user_ids"] is None, data["role"] is None, not data["all"]].count(False) != 1:
            raise ma.ValidationError(
                _("Send one of userIds, role and all.", code="required"), "user_ids"
            )


class NotificationsSentSchema(Schema):
    sent = ma.fields.Integer(required=True, metadata={"description": "Number of recipients."})
