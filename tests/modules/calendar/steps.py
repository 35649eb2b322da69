"""What the tests of the calendar do again and again, and every request that names one event."""

from typing import Any

import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.notifications.models import Notification
from tests.api_client import ApiClient

Request = tuple[str, str, dict[str, Any] | None]  # method, path below the event, body

EVENTS = "/api/calendar/events"
NINE, TEN = "2030-05-06T09:00:00Z", "2030-05-06T10:00:00Z"  # a Monday
MISSING = 2**31 - 1  # an id that no event has

CHANGING: list[Request] = [
    ("PUT", "", {"title": "Changed"}),
    ("PATCH", "", {"title": "Changed"}),
    ("PATCH", "/reschedule", {"start": "2031-01-01T09:00:00Z"}),
]
DELETING: Request = ("DELETE", "", None)


def plan(client: ApiClient, title: str = "Review", **fields: Any) -> dict[str, Any]:
    """A new event of this client."""
    event: dict[str, Any] = client.post(EVENTS, json={"title": title, "start": NINE} | fields)
    return event


def path(event: dict[str, Any]) -> str:
    return f"{EVENTS}/{event['id']}"


def titles(client: ApiClient, query: str = "") -> list[str]:
    """The titles that a list shows, in its order."""
    return [item["title"] for item in client.get(f"{EVENTS}?{query}")["items"]]


def answers(event: dict[str, Any]) -> dict[int, str]:
    """What each attendee has answered, by their id."""
    return {attendee["id"]: attendee["status"] for attendee in event["attendees"]}


def team_of(admin: ApiClient, *members: ApiClient) -> int:
    """The id of a new team with these members, and with the admin as its owner."""
    ids = [member.user_id for member in members]
    team_id: int = admin.post("/api/teams", json={"name": "Team", "memberIds": ids})["id"]
    return team_id


def told(app: Flask, user_id: int) -> list[str]:
    """What somebody has been told, in the order in which it came."""
    mine = sa.select(Notification.title).filter_by(user_id=user_id).order_by(Notification.id)
    with app.app_context():
        return list(db.session.scalars(mine))


def actions(app: Flask) -> list[str]:
    """The actions in the trail that concern the calendar, in their order."""
    those = sa.select(AuditEntry.action).filter_by(target_type="calendar").order_by(AuditEntry.id)
    with app.app_context():
        return list(db.session.scalars(those))


def fields(error: dict[str, Any]) -> list[str]:
    return [detail["field"] for detail in error["details"]]
