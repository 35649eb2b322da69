"""The objects of the contract as front ends read them: pure functions from JSON to JSON.

They are shared by the front ends in `clients/`, which say how they differ.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import orjson

from .tables import Caller, Entity, JsonObject

# Somebody who has been deleted: front ends read the name without asking whether there is one.
DELETED = {"id": "0", "name": "Deleted user", "avatar": None}

SPELLINGS = {"files:create": "files:upload", "messages:create": "messages:send"}

DOCUMENT_TYPES = frozenset(
    ("pdf", "doc", "document", "image", "spreadsheet", "presentation", "code", "other")
)


# People


def person(value: JsonObject | None) -> JsonObject:
    return {**value, "id": str(value["id"])} if value else {**DELETED}


Grants = Callable[[Iterable[str]], list[JsonObject]]


@cache
def spell(permission: str) -> str:
    """A permission as the front ends test it: `users:edit` for `users:update`."""
    if permission.endswith(":update"):
        return permission.removesuffix("update") + "edit"
    return SPELLINGS.get(permission, permission)


def spelled(permissions: Iterable[str]) -> list[str]:
    """All that a role grants, with the screen of figures, which belongs to the dashboard here."""
    words = [spell(each) for each in permissions]
    if not {"dashboard:view", "dashboard:*"}.isdisjoint(words):
        words.append("analytics:view")
    return words


def grants(permissions: Iterable[str]) -> list[JsonObject]:
    """`[{"resource": "users", "action": "edit"}]`; of everything `*` is resource and action."""
    return [_grant(each) for each in spelled(permissions)]


@cache
def _grant(permission: str) -> JsonObject:
    resource, _, action = permission.partition(":")
    return {"resource": resource, "action": action or "*"}


def as_json(value: Any) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(value))


def role_of(user: JsonObject, permissions: list[Any]) -> JsonObject:
    """The role of a user, as an object."""
    name = user["role"]
    return {"id": name, "name": name, "label": user["roleLabel"], "permissions": permissions}


def user(*, upper: bool, as_grants: Grants = grants) -> Entity:
    """A user with their role, and with the list of their roles, which has this one in it.

    Of the few roles in an answer each is written as JSON once, not once per user.
    """
    change = str.upper if upper else str.lower

    def write_roles(row: JsonObject) -> dict[str, orjson.Fragment]:
        granted = row.get("permissions") or []  # none where the caller may not see them
        role = role_of(row, spelled(granted))
        roles = [role_of(row, as_grants(granted))]
        return {"role": as_json(role), "roles": as_json(roles)}

    def mapping(row: JsonObject, caller: Caller) -> JsonObject:
        name = row["role"]
        if name not in caller.roles:
            caller.roles[name] = write_roles(row)
        changed = {
            **row,
            **caller.roles[name],
            "id": str(row["id"]),
            "status": change(row["status"]),
        }
        changed.pop("permissions", None)  # which are the role's
        return changed

    return mapping


def account(user: Entity, as_grants: Grants = grants) -> Entity:
    """The signed-in user: what they may do stands beside their roles, too."""

    def mapping(row: JsonObject, caller: Caller) -> JsonObject:
        return {**user(row, caller), "permissions": as_grants(row["permissions"])}

    return mapping


def session(account: Entity) -> Entity:
    """What a sign-in answers with: the tokens, and the user in the words of the front end."""

    def mapping(row: JsonObject, caller: Caller) -> JsonObject:
        return {**row, "user": account(row["user"], caller)}

    return mapping


def role(row: JsonObject, _: Caller) -> JsonObject:
    return {**row, "permissions": [spell(each) for each in row["permissions"]]}


def role_with_grants(row: JsonObject, _: Caller) -> JsonObject:
    return {**row, "permissions": grants(row["permissions"])}


def permission(row: JsonObject, _: Caller) -> JsonObject:
    key = spell(row["key"])
    return {**row, "id": key, "key": key, "action": key.partition(":")[2]}


def team(row: JsonObject, _: Caller) -> JsonObject:
    changed = {**row, "id": str(row["id"]), "owner": person(row["owner"])}
    if "members" in row:
        changed["members"] = [_member(each) for each in row["members"]]
    return changed


def _member(row: JsonObject) -> JsonObject:
    """Front ends read the mail address without asking whether it may be seen."""
    who = person(row["user"])
    return {**row, **who, "userId": who["id"], "email": row["email"] or ""}


# What people own


def document(row: JsonObject, _: Caller) -> JsonObject:
    kind = row["type"]
    return {
        **row,
        "id": str(row["id"]),
        "name": row["title"],
        "type": kind if kind in DOCUMENT_TYPES else "other",
        "author": person(row["author"]),
    }


def file(row: JsonObject, caller: Caller) -> JsonObject:
    """Its thumbnail is shown by an element that sends no token, so the link has to be signed."""
    return {
        **row,
        "id": str(row["id"]),
        "type": "document" if row["type"] == "other" else row["type"],
        "folderId": text_id(row["folderId"]),
        "items": row["itemCount"],
        "thumbnail": caller.thumbnail_url(row["id"]) if row["thumbnail"] else None,
        "owner": person(row["owner"]),
    }


def file_link(row: JsonObject, _: Caller) -> JsonObject:
    """A link below the front end's own address, which hands `/api/` on."""
    return {**row, "url": "/api/" + row["url"].partition("/api/")[2]}


def folder(row: JsonObject, _: Caller) -> JsonObject:
    return {
        **row,
        "id": str(row["id"]),
        "parentId": text_id(row["parentId"]),
        "owner": person(row["owner"]),
    }


def text_id(number: int | None) -> str | None:
    return None if number is None else str(number)


def event(row: JsonObject, _: Caller) -> JsonObject:
    return {
        **row,
        "id": str(row["id"]),
        "owner": person(row["owner"]),
        "attendees": [person(each) for each in row["attendees"]],
    }


def notification(row: JsonObject, _: Caller) -> JsonObject:
    """One that nobody has sent is from the service itself."""
    return {
        **row,
        "id": str(row["id"]),
        "sender": person(row["sender"]) if row["sender"] else None,
        "time": row["createdAt"],
    }


# Messages


def conversation(row: JsonObject, _: Caller) -> JsonObject:
    """Whether the others are online is not known."""
    message = row["lastMessage"]
    return {
        **row,
        "id": f"c{row['id']}",
        "name": row["name"] or DELETED["name"],
        "lastMessage": message["content"] if message else "",
        "lastMessageTime": row["lastMessageTime"] or row["updatedAt"],
        "online": False,
        "members": [person(each) for each in row["members"]],
    }


def message(row: JsonObject, caller: Caller) -> JsonObject:
    """Front ends tell their own messages by the sender's id, `current-user`."""
    sender = person(row["sender"])
    if sender["id"] == str(caller.id):
        sender["id"] = "current-user"
    return {
        **row,
        "id": str(row["id"]),
        "conversationId": f"c{row['conversationId']}",
        "sender": sender,
    }


# The dashboard

ORDER_STATUSES = {"paid": "processing"}


def with_text_id(row: JsonObject, _: Caller) -> JsonObject:
    return {**row, "id": str(row["id"])}


def order(row: JsonObject, _: Caller) -> JsonObject:
    status = row["status"]
    return {**row, "id": str(row["id"]), "status": ORDER_STATUSES.get(status, status)}


def overview(row: JsonObject, _: Caller) -> JsonObject:
    """How busy the network is, and on some systems the memory, is not measured."""
    return {**row, "memory": row["memory"] or 0, "network": 0}
