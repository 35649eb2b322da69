"""Each front end gets the shape that it reads, of each kind of call that it makes.

The table is the front ends' own: what their code calls, which reader it uses, what it reads.
"""

from typing import Any, NamedTuple

import pytest

from .front_end import (
    FrontEnd,
    Reader,
    bare,
    data_list,
    hoisted,
    in_data,
    twice_in_data,
    vue_list,
    with_meta,
)

JsonObject = dict[str, Any]

PERSON = "id name email status role createdAt"
DOCUMENT = "id name type size shared author createdAt updatedAt"
FILE = "id name type size items path mimeType thumbnail createdAt updatedAt"
EVENT = "id title start end type allDay attendees createdAt"
NOTIFICATION = "id type title content read createdAt time"
CONVERSATION = "id type name lastMessage lastMessageTime unreadCount online members"
MESSAGE = "id sender content createdAt read"
ROLE = "id name label permissions userCount createdAt updatedAt"
TEAM = "id name memberCount createdAt updatedAt"
STATS = "totalUsers totalRevenue conversionRate rateGrowth"
OVERVIEW = "cpu memory disk network uptime requests errors responseTime"
FILTERS = "search=&status=all&role=all"


class Reading(NamedTuple):
    """A call, how its answer is read, and the keys that are read of the object or of each row."""

    call: str
    reader: Reader
    keys: str
    as_front_end: str = "next_js"


NEXT = [
    Reading("GET /auth/me", hoisted, "id email name status roles permissions"),
    Reading(f"GET /users?page=1&limit=10&{FILTERS}", with_meta, PERSON),
    Reading("GET /users/{user_id}", hoisted, "id name email status roles"),
    Reading("GET /roles", bare, ROLE),
    Reading("GET /permissions", bare, "id key label group action resource"),
    Reading("GET /teams", with_meta, TEAM),
    Reading("GET /teams/{team_id}", hoisted, f"{TEAM} members"),
    Reading("GET /documents", with_meta, DOCUMENT),
    Reading("GET /documents/{document_id}", hoisted, f"{DOCUMENT} content code data"),
    Reading("GET /files", with_meta, FILE),
    Reading("GET /files/storage-info", hoisted, "used total breakdown"),
    Reading("GET /files/{file_id}/download-url", hoisted, "url expiresAt"),
    Reading("GET /folders", bare, "id name parentId"),
    Reading("GET /calendar/events", bare, EVENT),
    Reading("GET /calendar/events/{event_id}", hoisted, f"{EVENT} code data"),
    Reading("GET /notifications", bare, NOTIFICATION),
    Reading("GET /notifications/unread-count", hoisted, "count"),
    Reading("GET /messages/conversations", bare, CONVERSATION),
    Reading("GET /messages/c{conversation_id}", bare, MESSAGE),
    Reading("GET /messages?page=1&limit=10", with_meta, MESSAGE),
    Reading("GET /dashboard/stats", hoisted, STATS),
    Reading("GET /dashboard/visits", bare, "date visits uniqueVisitors pageViews"),
    Reading("GET /dashboard/activities", bare, "id user avatar action target time"),
    Reading("GET /dashboard/overview", hoisted, OVERVIEW),
]
REACT = [
    Reading(f"GET /users?page=1&pageSize=10&{FILTERS}", data_list, PERSON, "react_by_cookie"),
    Reading("GET /users?page=1&pageSize=5", with_meta, f"{PERSON} roles", "react"),
    Reading("GET /users", data_list, "name email", "react_by_cookie"),
    Reading("GET /roles", in_data, "id name label", "react_by_cookie"),
    Reading("GET /roles", bare, "id name label permissions", "react"),
    Reading("GET /roles/detail", bare, ROLE, "react"),
    Reading("GET /teams", bare, TEAM, "react"),
    Reading("GET /documents", data_list, DOCUMENT, "react_by_cookie"),
    Reading("GET /documents", bare, DOCUMENT, "react"),
    Reading("GET /files", bare, FILE, "react"),
    Reading("GET /files?path=/&page=1&pageSize=20", data_list, "", "react_by_cookie"),
    Reading("GET /calendar/events", in_data, EVENT, "react_by_cookie"),
    Reading("GET /calendar/events", bare, EVENT, "react"),
    Reading("GET /notifications", in_data, NOTIFICATION, "react_by_cookie"),
    Reading("GET /notifications?page=1&read=false", data_list, "id read", "react_by_cookie"),
    Reading("GET /notifications", bare, NOTIFICATION, "react"),
    Reading("GET /messages/conversations", bare, CONVERSATION, "react"),
    Reading("GET /dashboard/stats", in_data, STATS, "react_by_cookie"),
    Reading("GET /dashboard/visits", in_data, "date visits", "react_by_cookie"),
    Reading("GET /dashboard/visits", bare, "date visits", "react"),
]
VUE = [
    Reading("GET /auth/me", in_data, "id email name status roles", "vue"),
    Reading("GET /users", vue_list, PERSON, "vue"),
    Reading("GET /files", vue_list, "id name size owner updatedAt", "vue"),
    Reading("GET /messages", vue_list, MESSAGE, "vue"),
    Reading("GET /calendar/events", vue_list, "id title date type", "vue"),
    Reading("GET /analytics", in_data, "kpis traffic regions", "vue"),
    Reading("GET /security/report", in_data, "issues lastScan score", "vue"),
    Reading("GET /settings", in_data, "theme navigation showFooter enableTabBar", "vue"),
    Reading("GET /dashboard/summary", in_data, "revenue uptime tickets activity", "vue"),
]
SOLID = [
    Reading("GET /auth/me", in_data, PERSON, "solid"),
    Reading("GET /users?page=1&pageSize=10&search=undefined", twice_in_data, PERSON, "solid"),
    Reading("GET /users/{user_id}", in_data, PERSON, "solid"),
    Reading("GET /roles?page=1&pageSize=100", twice_in_data, "id name permissions", "solid"),
    Reading("GET /dashboard/stats", in_data, STATS, "solid"),
    Reading("GET /dashboard/widgets", in_data, "id type title data", "solid"),
    Reading("GET /dashboard/recent-users?limit=5", in_data, "id name createdAt status", "solid"),
]


def lacking(reading: Reading, front_end: FrontEnd, rows: JsonObject) -> set[str]:
    """The keys that the front end would look for in vain."""
    method, _, path = reading.call.partition(" ")
    value = reading.reader(front_end.call(method, path.format_map(rows)))
    objects = value if isinstance(value, list) else [value]
    assert objects or not reading.keys, f"{reading.call}: no rows"
    return {key for each in objects for key in reading.keys.split() if key not in each}


@pytest.mark.parametrize(
    "readings", [NEXT, REACT, VUE, SOLID], ids=["next", "react", "vue", "solid"]
)
def test_answers_are_read_by_their_front_end(
    request: pytest.FixtureRequest,
    super_admin: Any,
    rows: JsonObject,
    readings: list[Reading],
) -> None:
    super_admin.post("/api/notifications", json={"title": "Hello", "all": True})
    lacks = {
        f"{reading.as_front_end}: {reading.call}": lacking(
            reading, request.getfixturevalue(reading.as_front_end), rows
        )
        for reading in readings
    }

    assert {call: keys for call, keys in lacks.items() if keys} == {}


def test_failures_say_at_the_top_what_is_wrong(
    next_js: FrontEnd, react_by_cookie: FrontEnd, vue: FrontEnd, solid: FrontEnd
) -> None:
    for front_end in (next_js, react_by_cookie, vue, solid):
        body = front_end.call("POST", "/users", json={"name": "Ada", "email": "x"}, status=400)

        assert body["code"] == 400
        assert body["success"] is False
        assert "email: Enter an email address" in body["message"]
        assert body["error"]["code"] == "VALIDATION_ERROR"
