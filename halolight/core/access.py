"""The signed-in user of a request and their permissions. The auth module verifies the token."""

import dataclasses as dc
from collections.abc import Callable

from flask import Request, g, request

from halolight.core.i18n import _

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
_take_tickets: dict[str, Authenticate] = {}
_observers: list[Observe] = []


def authenticator(function: Authenticate) -> Authenticate:
    """Register what turns a bearer token into a user, or raises `Unauthorized`."""
    global _authenticate
    _authenticate = function
    return function


def takes_ticket(endpoint: str) -> Callable[[Authenticate], Authenticate]:
    """Register what turns a ticket in the address of an endpoint into a user, or raises.

    For requests of browsers that cannot have an `Authorization` header. A ticket works once, so
    that it may be in an address, which a token may not.
    """

    def register(function: Authenticate) -> Authenticate:
        _take_tickets[endpoint] = function
        return function

    return register


def observer(function: Observe) -> Observe:
    """Register a callback that runs after authentication; it must not block."""
    _observers.append(function)
    return function


def current_user() -> CurrentUser:
    """The signed-in user. Only for endpoints that are not public."""
    user: CurrentUser = g.current_user
    return user


def authenticate() -> None:
    """Set the user of the bearer token, or of the ticket, of the request. Raises `Unauthorized`."""
    # The request itself: each access through the proxy looks for the context again.
    received: Request = request._get_current_object()  # type: ignore[attr-defined]
    header = received.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "bearer" and token:
        user = _authenticate(token.strip())
    elif not header and received.endpoint in _take_tickets and "ticket" in received.args:
        user = _take_tickets[received.endpoint](received.args["ticket"])
    else:
        raise Unauthorized(reason="no_token")
    g.current_user = user
    received.environ["halolight.user"] = user.id  # for the log
    for observe in _observers:
        observe(user, received)


def authorise(permission: str) -> None:
    """Refuse the request if its user does not hold the permission. Raises `Forbidden`."""
    if not current_user().can(permission):
        raise Forbidden(
            _("You need the permission {permission} for this.", permission=permission),
            reason="permission",
        )
