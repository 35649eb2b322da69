"""What goes out of the sessions' endpoints."""

import marshmallow as ma

from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import UTCDateTimeField


class SessionSchema(Schema):
    id = ma.fields.Integer(required=True)
    ip = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "IP address of the sign-in."}
    )
    user_agent = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Browser or program of the sign-in."},
    )
    created_at = UTCDateTimeField(required=True)
    last_used_at = UTCDateTimeField(
        required=True, metadata={"description": "When its tokens were last renewed."}
    )
    expires_at = UTCDateTimeField(
        required=True, metadata={"description": "When it ends, unless it is renewed before."}
    )
    current = ma.fields.Boolean(
        required=True, metadata={"description": "Whether it is the session of this request."}
    )
