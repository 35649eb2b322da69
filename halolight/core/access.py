"""Who is calling, and what they may do. How a token is checked is told by the auth module."""

import dataclasses as dc
from collections.abc import Callable

from flask import g, request

from . import permissions
from .errors import Forbidden, Unauthorized


@dc.dataclass(frozen=True, slots=True)
class CurrentUser:
    """The signed-in user of this request, as the database knew them when it began."""

    id: int
    name: str
    role: str
    permissions: frozenset[str]
    session_id: int

    def can(self, permission: str) -> bool:
        return permissions.allows(self.permissions, permission)


Authenticate = Callable[[str], CurrentUser]
_authenticate: Authenticate


def authenticator(function: Authenticate) -> Authenticate:
    """Register what turns a bearer token into a user, or raises `Unauthorized`."""
    global _authenticate
    _authenticate = function
    return function


def current_user() -> CurrentUser:
    """The signed-in user. Only for endpoints that are not public."""
    user: CurrentUser = g.current_user
    return user


def check(permission: str) -> None:
    """Let the request through if its token may use `permission` (`""`: any signed-in user)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    user = g.current_user = _authenticate(token.strip())
    request.environ["halolight.user"] = user.id  # for the log
    if permission and not user.can(permission):
        raise Forbidden(f"Requires the permission {permission}")
