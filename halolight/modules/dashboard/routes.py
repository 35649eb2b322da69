"""The dashboard: figures of what the caller may see, the same shapes for everybody."""

from collections.abc import Sequence
from typing import Any

from flask import Flask

from halolight.core.access import current_user
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.modules.calendar.schemas import EventSchema

from . import machine, service, stats, visits
from .schemas import (
    ActivitySchema,
    BestSellerSchema,
    DailyVisitsSchema,
    DashboardStatsSchema,
    LatestOrderSchema,
    MonthlySalesSchema,
    OverviewSchema,
    PieQuery,
    PieSliceSchema,
    SalesQuery,
    TodayQuery,
    VisitsQuery,
)

blp = Blueprint(
    "dashboard",
    __name__,
    url_prefix="/api/dashboard",
    description="Figures of the data that you may see",
)


def init_app(app: Flask) -> None:
    visits.VIEWS.init_app(app)


@blp.get("/stats")
@blp.require("dashboard:view")
@blp.response(200, DashboardStatsSchema)
def get_stats() -> dict[str, Any]:
    """Get the key figures

    They include only data that you may see: all users with `users:view`, otherwise only you; the
    documents, files and events that you own or that are shared with you, or all of them with
    `documents:manage` and so on; your messages; all orders with `orders:view`, otherwise none. The
    30 days are whole days in UTC, including today; a growth from zero is 100.
    """
    return stats.get_stats(current_user())


@blp.get("/visits")
@blp.require("dashboard:view")
@blp.arguments(VisitsQuery, location="query")
@blp.response(200, DailyVisitsSchema(many=True))
def list_visits(query: dict[str, Any]) -> list[dict[str, Any]]:
    """List the visits of each day

    The oldest day first, in UTC. Written every two seconds; this very call is not counted.
    """
    return service.list_visits(**query)


@blp.get("/sales")
@blp.require("dashboard:view")
@blp.arguments(SalesQuery, location="query")
@blp.response(200, MonthlySalesSchema(many=True))
def list_sales(query: dict[str, Any]) -> list[dict[str, Any]]:
    """List the sales of each month

    The oldest month first, in UTC; an order belongs to the month in which it was made. Zeros
    without `orders:view`.
    """
    return service.list_sales(current_user(), **query)


@blp.get("/pie")
@blp.require("dashboard:view")
@blp.arguments(PieQuery, location="query")
@blp.response(200, PieSliceSchema(many=True))
def list_pie(query: dict[str, Any]) -> Sequence[Row]:
    """Count objects by category

    Files and documents by their type, users by their role, and the pieces sold by the category of
    their product; the largest first. Without what you may not see.
    """
    return service.list_pie(current_user(), **query)


@blp.get("/tasks")
@blp.require("dashboard:view")
@blp.response(200, EventSchema(many=True))
def list_tasks() -> Sequence[Row]:
    """List your tasks

    The events of type `task` in your calendar, open ones first; at most 100. Empty without
    `calendar:view`.
    """
    return service.list_tasks(current_user())


@blp.get("/calendar")
@blp.require("dashboard:view")
@blp.arguments(TodayQuery, location="query")
@blp.response(200, EventSchema(many=True))
def list_events_of_today(query: dict[str, Any]) -> Sequence[Row]:
    """List your events of today

    Today is the current date in the time zone `tz`. All-day events come first, then the others by
    their start; at most 100. Empty without `calendar:view`.
    """
    return service.list_events_of_today(current_user(), query["tz"])


@blp.get("/products")
@blp.require("dashboard:view")
@blp.response(200, BestSellerSchema(many=True))
def list_best_sellers() -> Sequence[Row]:
    """List the ten products that sell best

    By the pieces in orders that were paid or shipped. Empty without `orders:view`.
    """
    return service.list_best_sellers(current_user())


@blp.get("/orders")
@blp.require("dashboard:view")
@blp.response(200, LatestOrderSchema(many=True))
def list_latest_orders() -> Sequence[Row]:
    """List the ten latest orders

    Empty without `orders:view`.
    """
    return service.list_latest_orders(current_user())


@blp.get("/activities")
@blp.require("dashboard:view")
@blp.response(200, ActivitySchema(many=True))
def list_activities() -> Sequence[Row]:
    """List the latest changes

    The 20 latest changes: everybody's with `audit:view`, otherwise yours.
    """
    return service.list_activities(current_user())


@blp.get("/overview")
@blp.require("dashboard:view")
@blp.response(200, OverviewSchema)
def get_overview() -> dict[str, Any]:
    """Get the state of the machine and the service"""
    return machine.get_overview()
