"""What the health endpoints answer. It goes out as it is, so these schemas only document it."""

import marshmallow as ma

from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import UTCDateTimeField


class HealthSchema(Schema):
    status = ma.fields.String(required=True, metadata={"examples": ["ok"]})
    timestamp = UTCDateTimeField(required=True, metadata={"description": "Current time."})


class ReadinessSchema(HealthSchema):
    checks = ma.fields.Dict(
        values=ma.fields.String(),
        required=True,
        metadata={
            "description": "Each part with `ok`, or what is wrong.",
            "examples": [{"database": "ok", "migrations": "ok", "storage": "ok"}],
        },
    )
