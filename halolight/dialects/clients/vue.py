"""Vue: `halolight/halolight-vue`. Pages are `list` and `total`; kinds of events are in Chinese."""

import datetime as dt
from typing import Any

from .. import entities as of
from ..common import sign_in, with_occurrences
from ..tables import Call, Caller, Dialect
from ..writers import JsonObject, Page, Writer


class VueWriter(Writer):
    def page(self, page: Page, message: str, asked: str) -> Any:
        """Without a `code`: it would be unwrapped to what `data` holds."""
        return {
            "list": page.rows,
            "total": page.total,
            "page": page.page,
            "pageSize": page.size,
        }


UNITS = ("B", "KB", "MB", "GB", "TB")
EVENT_TYPES = {"meeting": "会议", "task": "发布", "reminder": "提醒", "holiday": "提醒"}
SEVERITIES = {"low": "低", "medium": "中", "high": "高"}
ISSUE_STATUSES = {"open": "待处理", "resolved": "已修复"}


def readable(size: float) -> str:
    """12700 -> `12.4 KB`"""
    unit = 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {UNITS[unit]}" if unit else f"{size} B"


def file(row: JsonObject, caller: Caller) -> JsonObject:
    shown = of.file(row, caller)
    return {
        **shown,
        "size": readable(row["size"]),
        "owner": shown["owner"]["name"],
        "updatedAt": minute(row["updatedAt"]),
    }


def minute(time: str) -> str:
    """`2026-11-26T17:25:40Z` -> `2026-11-26 17:25`, which is shown as it is."""
    return time[:16].replace("T", " ")


def event(row: JsonObject, caller: Caller) -> JsonObject:
    return {
        **of.event(row, caller),
        "id": _number(row["id"]),
        "type": EVENT_TYPES[row["type"]],
        "date": minute(row["start"]),
    }


def _number(event_id: int | str) -> int:
    """The id as a number, also of an occurrence: `12_20260511T090000Z`.

    This front end only shows events, so no number has to be translated back.
    """
    series, _, start = str(event_id).partition("_")
    if not start:
        return int(series)
    moment = dt.datetime.fromisoformat(start).replace(tzinfo=dt.UTC)
    return int(series) * 10**10 + int(moment.timestamp())


def message(row: JsonObject, _: Caller) -> JsonObject:
    return {**row, "id": str(row["id"]), "sender": of.person(row["sender"])}


def analytics(row: JsonObject, _: Caller) -> JsonObject:
    """The figures as they are shown: `1,234` and `+3.1%`."""
    return {**row, "kpis": [_kpi(each) for each in row["kpis"]]}


def _kpi(row: JsonObject) -> JsonObject:
    change = row["change"]
    value = f"{row['value']:,.1f}".removesuffix(".0")
    return {**row, "value": value, "change": f"{change:+.1f}%" if change else "0.0%"}


def security_report(row: JsonObject, _: Caller) -> JsonObject:
    issues = [
        {
            **each,
            "severity": SEVERITIES[each["severity"]],
            "status": ISSUE_STATUSES[each["status"]],
        }
        for each in row["issues"]
    ]
    return {**row, "issues": issues, "lastScan": minute(row["lastScan"])}


def summary(parts: list[Any]) -> JsonObject:
    """The figures of the start page, from four answers; what the user may not see is zero."""
    stats, overview, tasks, activities = parts
    return {
        "revenue": stats["totalRevenue"],
        "uptime": overview["uptime"],
        "activeUsers": stats["activeUsers"],
        "tickets": sum(task["status"] != "done" for task in tasks or []),
        "conversion": stats["conversionRate"],
        "activity": [activity(each) for each in activities or []],
    }


def activity(row: JsonObject) -> JsonObject:
    return {
        "id": str(row["id"]),
        "title": f"{row['action']} {row['target']}".strip(),
        "user": row["user"],
        "time": row["time"],
        "status": "done",
    }


USER = of.user(upper=False)

DIALECT = Dialect(
    mount="vue",
    calls=(
        *sign_in(of.account(USER)),
        Call(asked="GET /users", contract="GET /users/grants", entity=USER, whole=True),
        Call(asked="GET /files", entity=file, whole=True),
        Call(asked="GET /messages", entity=message, whole=True),
        Call(asked="GET /calendar/events", entity=event, query=with_occurrences, whole=True),
        Call(asked="GET /analytics", entity=analytics),
        Call(asked="GET /security/report", entity=security_report),
        Call(asked="POST /settings", contract="PUT /settings"),
        Call(
            asked="GET /dashboard/summary",
            contract="GET /dashboard/stats",
            follow=(
                "GET /dashboard/overview",
                "GET /dashboard/tasks",
                "GET /dashboard/activities",
            ),
            combine=summary,
        ),
    ),
    writer=VueWriter(),
)
