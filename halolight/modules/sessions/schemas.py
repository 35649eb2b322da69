"""What goes out of the sessions' endpoints."""

import marshmallow as ma

from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import UTCDateTimeField


class SessionSchema(Schema):
    id = ma.fields.Integer(required=True)
    ip = ma.fields.String(required=True, allow_none=True)
    user_agent = ma.fields.String(required=True, allow_none=True)
    created_at = UTCDateTimeField(required=True)
    last_used_at = UTCDateTimeField(required=True)
    expires_at = UTCDateTimeField(required=True)
    current = ma.fields.Boolean(required=True)
