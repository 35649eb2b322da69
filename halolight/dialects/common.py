"""The calls that Next.js and React have in common, which are most."""

import datetime as dt
from typing import Any

from . import entities as of
from .requests import conversation_number
from .tables import Call, Entity, JsonObject, calls, last

PROFILE = ("phone", "department", "position", "bio", "avatar")


def blanks_as_nothing(body: JsonObject) -> JsonObject:
    """What a form leaves empty is none, and not a text without letters."""
    return {key: None if key in PROFILE and value == "" else value for key, value in body.items()}


def sign_in(account: Entity) -> tuple[Call, ...]:
    """The calls that answer with tokens, and the one that answers with the account."""
    session = of.session(account)
    signing_in = ("POST /auth/login", "POST /auth/register", "POST /auth/refresh")
    return (*calls(session, *signing_in), *calls(account, "GET /auth/me", "GET /users/me"))


def users(user: Entity) -> tuple[Call, ...]:
    changes = ("POST /users", "PUT /users/:id", "PATCH /users/:id")
    return (
        Call(asked="GET /users", contract="GET /users/grants", entity=user),
        one_user(user),
        Call(asked="PATCH /users/:id/status", entity=user),
        *calls(user, *changes, body=blanks_as_nothing),
    )


def one_user(user: Entity) -> Call:
    """A user with what their role grants, where the caller may see that."""
    return Call(
        asked="GET /users/:id", entity=user, follow=("GET /roles/:role",), combine=with_grants
    )


def with_grants(parts: list[Any]) -> JsonObject:
    user, role = parts
    return {**user, "permissions": role["permissions"] if role else None}


def by_permission_ids(body: JsonObject) -> JsonObject:
    return {"permissions": body.get("permissionIds", body.get("permissions"))}


def with_id(rows: list[JsonObject], params: JsonObject) -> JsonObject | None:
    return next((row for row in rows if row["id"] == params["permission"]), None)


ROLES = (
    *calls(of.role, "GET /roles", "POST /roles"),
    Call(asked="GET /roles/detail", contract="GET /roles", entity=of.role),
    *calls(of.role, "GET /roles/:role", "PUT /roles/:role", "PATCH /roles/:role"),
    Call(asked="POST /roles/:role/permissions", entity=of.role, body=by_permission_ids),
    Call(asked="GET /permissions", entity=of.permission),
    Call(
        asked="GET /permissions/:permission",
        contract="GET /permissions",
        entity=of.permission,
        select=with_id,
    ),
)

TEAMS = (
    Call(asked="GET /teams", entity=of.team, whole=True),
    *calls(of.team, "POST /teams", "GET /teams/:id", "PUT /teams/:id", "PATCH /teams/:id"),
    Call(asked="POST /teams/:id/members", entity=of.team),
)

# A share answers with shares; the front ends want the document. An update that changes nothing
# answers with it, and unlike a read is no view of it.
DOCUMENTS = (
    Call(asked="GET /documents", entity=of.document, whole=True),
    *calls(of.document, "POST /documents", "GET /documents/:id"),
    *calls(of.document, "PUT /documents/:id", "PATCH /documents/:id"),
    *calls(of.document, "PATCH /documents/:id/rename", "POST /documents/:id/move"),
    Call(asked="POST /documents/:id/tags", entity=of.document),
    *calls(
        of.document,
        *("POST /documents/:id/share", "POST /documents/:id/unshare"),
        follow=("PATCH /documents/:id",),
        combine=lambda parts: parts[1],
    ),
)


def link_for_hours(body: JsonObject) -> JsonObject:
    """With an end or a password a link is meant. Its life is given in hours."""
    hours = body.get("expiresIn")
    if isinstance(hours, int):
        body = {**body, "expiresIn": hours * 3600}
    return {**body, "public": True} if hours or body.get("password") else body


def share_link(parts: list[Any]) -> JsonObject | None:
    """The link that has just been made, which alone shows its address."""
    shares: list[JsonObject] = parts[0]
    made = next((each for each in shares if each.get("url")), None)
    return {"shareUrl": made["url"], "expiresAt": made["expiresAt"]} if made else None


FILES = (
    Call(asked="GET /files", entity=of.file, whole=True),
    *calls(of.file, "GET /files/:id", "POST /files/upload", "POST /files/folder"),
    *calls(of.file, "PUT /files/:id", "PATCH /files/:id/rename", "PUT /files/:id/rename"),
    *calls(of.file, "POST /files/:id/copy", "PATCH /files/:id/favorite", "POST /files/:id/move"),
    Call(asked="PUT /files/:id/move", contract="POST /files/:id/move", entity=of.file),
    Call(asked="GET /files/storage-info", contract="GET /files/storage"),
    Call(asked="GET /files/:id/download-url", entity=of.file_link),
    Call(asked="POST /files/:id/share", body=link_for_hours, combine=share_link),
    Call(asked="GET /folders", entity=of.folder, whole=True, bare=True),
    *calls(of.folder, "POST /folders", "GET /folders/:id", "PUT /folders/:id"),
    Call(asked="PATCH /folders/:id", entity=of.folder),
)


def until_the_end_of_the_day(query: JsonObject) -> JsonObject:
    """A range that ends on a day ends with it."""
    end = query.get("endDate", "")
    return {**query, "endDate": f"{end}T23:59:59.999999Z"} if _is_day(end) else query


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def with_occurrences(query: JsonObject) -> JsonObject:
    """Front ends know no series: they are shown its occurrences, also without a range."""
    return {"expand": "true", **until_the_end_of_the_day(query)}


CALENDAR = (
    Call(
        asked="GET /calendar/events",
        entity=of.event,
        query=with_occurrences,
        whole=True,
        bare=True,
    ),
    *calls(of.event, "POST /calendar/events", "GET /calendar/events/:event"),
    *calls(of.event, "PUT /calendar/events/:event", "PATCH /calendar/events/:event"),
    *calls(of.event, "PATCH /calendar/events/:event/reschedule"),
    *calls(of.event, "POST /calendar/events/:event/attendees"),
    Call(
        asked="DELETE /calendar/events/:event/attendees/:user",
        entity=of.event,
        follow=("GET /calendar/events/:event",),
        combine=last,
    ),
)


def by_unread(query: JsonObject) -> JsonObject:
    """`read=false` -> `unread=true`"""
    opposite = {"true": "false", "false": "true"}
    rest = {key: value for key, value in query.items() if key != "read"}
    return rest | {"unread": opposite[query["read"]]} if query.get("read") in opposite else rest


NOTIFICATIONS = (
    Call(
        asked="GET /notifications",
        entity=of.notification,
        query=by_unread,
        whole=True,
        bare=True,
    ),
    Call(asked="PUT /notifications/:id/read", entity=of.notification),
)


def oldest_first(query: JsonObject) -> JsonObject:
    return {"sortOrder": "asc", **query}


MESSAGES = (
    Call(
        asked="GET /messages/conversations",
        contract="GET /conversations",
        entity=of.conversation,
        whole=True,
        bare=True,
    ),
    Call(
        asked="GET /messages/c:id",
        contract="GET /conversations/:id/messages",
        entity=of.message,
        query=oldest_first,
        whole=True,
        bare=True,
    ),
    Call(
        asked="PUT /messages/c:id/read",
        contract="PUT /conversations/:id/read",
        entity=of.conversation,
    ),
    Call(asked="DELETE /messages/c:id", contract="DELETE /conversations/:id"),
    Call(asked="GET /messages", entity=of.message),
    *calls(of.message, "POST /messages", "POST /messages/send", body=conversation_number),
    *calls(of.message, "GET /messages/:id", "PUT /messages/:id/read"),
)

DASHBOARD = (
    Call(asked="GET /dashboard/tasks", entity=of.event),
    Call(asked="GET /dashboard/products", entity=of.with_text_id),
    Call(asked="GET /dashboard/orders", entity=of.order),
    Call(asked="GET /dashboard/activities", entity=of.with_text_id),
    Call(asked="GET /dashboard/overview", entity=of.overview),
)

SHARED: tuple[Call, ...] = (
    *(*TEAMS, *DOCUMENTS, *FILES, *CALENDAR, *NOTIFICATIONS, *MESSAGES, *DASHBOARD),
)
