"""What goes out of the endpoint of analytics."""

import marshmallow as ma

from halolight.core.schemas.base import Schema


class KpiSchema(Schema):
    label = ma.fields.String(required=True, metadata={"example": "Visits"})
    value = ma.fields.Float(required=True)
    change = ma.fields.Float(
        required=True,
        metadata={"description": "Compared with the 30 days before, in percent.", "example": 12.5},
    )


class TrafficSourceSchema(Schema):
    source = ma.fields.String(
        required=True, metadata={"description": "The browser.", "example": "Firefox"}
    )
    value = ma.fields.Integer(required=True, metadata={"description": "Sign-ins."})


class RegionSchema(Schema):
    name = ma.fields.String(required=True, metadata={"description": "The department."})
    users = ma.fields.Integer(required=True, metadata={"description": "Users of the department."})


class AnalyticsSchema(Schema):
    kpis = ma.fields.List(
        ma.fields.Nested(KpiSchema),
        required=True,
        metadata={"description": "Figures of the last 30 days."},
    )
    traffic = ma.fields.List(
        ma.fields.Nested(TrafficSourceSchema),
        required=True,
        metadata={"description": "Sign-ins of the last 30 days by browser."},
    )
    regions = ma.fields.List(
        ma.fields.Nested(RegionSchema),
        required=True,
        metadata={"description": "Users by department."},
    )
