"""What the tests of repeating events have in common."""

from typing import Any

from tests.api_client import ApiClient

from .steps import EVENTS, plan

MAY = "start=2030-05-01&end=2030-06-01"
WEEKLY = {"rule": "FREQ=WEEKLY;BYDAY=MO"}
MONDAYS = ["2030-05-06", "2030-05-13", "2030-05-20", "2030-05-27"]


def weekly(client: ApiClient, **fields: Any) -> dict[str, Any]:
    return plan(client, recurrence=WEEKLY, **fields)


def listed(client: ApiClient, query: str = MAY) -> list[dict[str, Any]]:
    page = client.get(f"{EVENTS}?{query}&pageSize=100")
    assert page["total"] == len(page["items"])
    items: list[dict[str, Any]] = page["items"]
    return items


def days(client: ApiClient, query: str = MAY) -> list[str]:
    return [item["start"][:10] for item in listed(client, query)]


def times(client: ApiClient, query: str = MAY) -> list[str]:
    return [item["start"][5:16] for item in listed(client, query)]


def occurrence(client: ApiClient, number: int) -> dict[str, Any]:
    return listed(client)[number]


def moved_to(day: str) -> dict[str, str]:
    return {"start": f"2030-05-{day}T09:00:00Z", "end": f"2030-05-{day}T10:00:00Z"}
