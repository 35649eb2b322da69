"""The signed-in user of a request and their permissions. The auth module verifies the token."""

import dataclasses as dc
from collections.abc import Callable

from flask import Request, g, request

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
Observe = Callable[[CurrentUser, Request], None]
_authenticate: Authenticate
_observers: list[Observe] = []


def authenticator(function: Authenticate) -> Authenticate:
    """Register what turns a bearer token into a user, or raises `Unauthorized`."""
    global _authenticate
    _authenticate = function
    return function


def observer(function: Observe) -> Observe:
    """Register a callback that runs after authentication; it must not block."""
    _observers.append(function)
    return function


def current_user() -> CurrentUser:
    """The signed-in user. Only for endpoints that are not public."""
    user: CurrentUser = g.current_user
    return user


def authenticate() -> None:
    """Set the user of the bearer token of the request. Raises `Unauthorized`."""
    # The request itself: each access through the proxy looks for the context again.
    received: Request = request._get_current_object()  # type: ignore[attr-defined]
    scheme, _, token = received.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized(reason="no_token")
    g.current_user = user = _authenticate(token.strip())
    received.environ["halolight.user"] = user.id  # for the log
    for observe in _observers:
        observe(user, received)


def authorise(permission: str) -> None:
    """Refuse the request if its user does not hold the permission. Raises `Forbidden`."""
    if not current_user().can(permission):
        raise Forbidden(f"Requires the permission {permission}", reason="permission")
