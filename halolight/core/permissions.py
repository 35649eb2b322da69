"""`resource:action` permissions with wildcards, and what the endpoints ask for."""

import re
from collections.abc import Iterable
from typing import Any

ACTIONS = ("view", "create", "update", "delete", "manage")

# Spellings that clients send, and the form in which each is stored.
ALIASES = {
    "files:upload": "files:create",
    "messages:send": "messages:create",
    "notifications:create": "notifications:manage",
}
ACTION_ALIASES = {"edit": "update", "read": "view", "list": "view"}

_PERMISSION = re.compile(rf"\*|[a-z][a-z_]{{0,39}}:(\*|{'|'.join(ACTIONS)})")

# Every permission some endpoint asks for, with the summaries of those endpoints.
KNOWN: dict[str, list[str]] = {}


def allows(granted: Iterable[str], needed: str) -> bool:
    """Whether one of `granted` is `needed`, its `resource:*` or `*`. Nothing cleverer.

    `needed` may be a wildcard itself: only the same or a wider one covers it.
    """
    resource, _, _ = needed.partition(":")
    return not {"*", f"{resource}:*", needed}.isdisjoint(granted)


def normalise(permission: str) -> str:
    """The stored form of a permission. Raises ValueError where it is none."""
    text = permission.strip().lower()
    text = ALIASES.get(text, text)
    resource, separator, action = text.partition(":")
    text = resource + separator + ACTION_ALIASES.get(action, action)
    if not _PERMISSION.fullmatch(text):
        raise ValueError(f"{permission!r} is not a permission like documents:view")
    return text


def describe(permission: str) -> dict[str, Any]:
    """A permission as administrators read it."""
    resource, _, action = permission.partition(":")
    return {
        "key": permission,
        "resource": resource,
        "action": action,
        "label": f"{action.capitalize()} {resource}",
        "group": resource.capitalize(),
        "description": "; ".join(KNOWN[permission]),
    }
