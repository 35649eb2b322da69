"""What goes out of the dashboard's endpoints, and what they can be asked."""

import zoneinfo

import marshmallow as ma

from halolight.core.money import Amount, Balance
from halolight.core.schemas.base import Query, Schema
from halolight.core.schemas.fields import Choice, TimeZone, UTCDateTimeField
from halolight.core.schemas.validate import Range
from halolight.modules.orders.models import STATUSES

PIES = ("fileType", "documentType", "role", "orderCategory")


def count(description: str | None = None) -> ma.fields.Integer:
    metadata = {"description": description} if description else {}
    return ma.fields.Integer(required=True, metadata=metadata)


def per_cent(description: str) -> ma.fields.Float:
    return ma.fields.Float(required=True, metadata={"description": description, "example": 12.5})


def change(of: str) -> ma.fields.Float:
    return per_cent(f"{of} of the last 30 days compared with the 30 before, in percent.")


class DashboardStatsSchema(Schema):
    total_users = count()
    active_users = count()
    total_documents = count()
    total_files = count("Without folders.")
    storage_used = count("Bytes of these files.")
    total_messages = count("Your messages, sent and received.")
    total_events = count()
    total_orders = count()
    total_revenue = Balance(
        required=True, metadata={"description": "Amounts of the orders that were paid or shipped."}
    )
    conversion_rate = per_cent("Share of orders that were paid or shipped, in percent.")
    user_growth = change("New users")
    document_growth = change("New documents")
    revenue_growth = change("Revenue")
    order_growth = change("Orders")
    rate_growth = change("The conversion rate")


class VisitsQuery(Query):
    days = ma.fields.Integer(
        load_default=30,
        validate=Range(7, 365),
        metadata={"description": "Number of days, including today."},
    )


class DailyVisitsSchema(Schema):
    date = ma.fields.Date(required=True)
    visits = count("Sessions that read something.")
    unique_visitors = count("Users who read something.")
    page_views = count("Reads.")


class SalesQuery(Query):
    months = ma.fields.Integer(
        load_default=12,
        validate=Range(1, 36),
        metadata={"description": "Number of months, including the current one."},
    )


class MonthlySalesSchema(Schema):
    month = ma.fields.String(
        required=True, metadata={"description": "Year and month.", "example": "2026-11"}
    )
    sales = Balance(
        required=True, metadata={"description": "Amounts of those that were paid or shipped."}
    )
    orders = count("Orders of the month.")
    profit = Balance(required=True, metadata={"description": "Sales minus their cost."})


class PieQuery(Query):
    by = Choice(
        *PIES,
        load_default=PIES[0],
        metadata={"description": "The objects to count, and their category."},
    )


class PieSliceSchema(Schema):
    name = ma.fields.String(required=True)
    value = count()


class BestSellerSchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    category = ma.fields.String(required=True)
    price = Amount(required=True)
    sales = count("Pieces that were paid or shipped.")
    stock = count()
    image = ma.fields.String(required=True, allow_none=True)
    revenue = Balance(
        required=True, metadata={"description": "Amounts of the orders that were paid or shipped."}
    )


class LatestOrderSchema(Schema):
    id = ma.fields.Integer(required=True)
    order_no = ma.fields.String(required=True)
    customer = ma.fields.String(required=True)
    amount = Amount(required=True)
    status = ma.fields.String(required=True, metadata={"enum": list(STATUSES)})
    created_at = UTCDateTimeField(required=True)


class ActivitySchema(Schema):
    id = ma.fields.Integer(required=True)
    user = ma.fields.String(
        required=True, metadata={"description": "Name of the user at that time."}
    )
    avatar = ma.fields.String(required=True, allow_none=True)
    action = ma.fields.String(required=True, metadata={"example": "documents.update"})
    target = ma.fields.String(
        required=True, metadata={"description": "Name of the changed object at that time."}
    )
    time = UTCDateTimeField(required=True)


class OverviewSchema(Schema):
    cpu = per_cent("Load of the processors in the last minute, in percent.")
    memory = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Used memory, in percent; null if the system does not report it."},
    )
    disk = per_cent("Used disk space of the file storage, in percent.")
    uptime = count("Seconds since the service started.")
    requests = count("Requests since then.")
    errors = count("Requests with a status of 500 or above.")
    response_time = ma.fields.Float(
        required=True, metadata={"description": "Mean of all requests, in milliseconds."}
    )


class TodayQuery(Query):
    tz = TimeZone(
        load_default=zoneinfo.ZoneInfo("UTC"),
        metadata={
            "description": "Time zone that determines the current date.",
            "example": "Europe/Berlin",
        },
    )
