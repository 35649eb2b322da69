"""What goes out of the endpoint of the security report."""

import marshmallow as ma

from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import UTCDateTimeField

from .service import DEDUCTIONS, STATUSES


class SecurityIssueSchema(Schema):
    id = ma.fields.Integer(required=True, metadata={"description": "Id of the kind of finding."})
    title = ma.fields.String(required=True, metadata={"example": "Failed sign-ins: 3"})
    severity = ma.fields.String(
        required=True,
        metadata={"description": "Fixed for each kind of finding.", "enum": list(DEDUCTIONS)},
    )
    status = ma.fields.String(required=True, metadata={"enum": list(STATUSES)})
    count = ma.fields.Integer(
        required=True, metadata={"description": "Number of findings of this kind."}
    )


class SecurityReportSchema(Schema):
    issues = ma.fields.List(ma.fields.Nested(SecurityIssueSchema), required=True)
    last_scan = UTCDateTimeField(required=True, metadata={"description": "Time of the report."})
    score = ma.fields.Integer(required=True, metadata={"description": "From 0 to 100."})
