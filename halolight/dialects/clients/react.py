"""React: `halolight/halolight-react`.

Half of its calls carry a token and read bare arrays. The other half has only the cookie in which
it keeps the token, and reads `code` and `data`.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from halolight.core import permissions

from .. import entities as of
from ..common import ROLES, SHARED, sign_in, users
from ..tables import Call, Dialect
from ..writers import JsonObject, Page, Writer
from .next import with_meta


class TokenWriter(Writer):
    def list(self, rows: list[Any], message: str) -> Any:
        return rows

    def page(self, page: Page, message: str, asked: str) -> Any:
        return with_meta(page) if asked == "GET /users" else page.rows


class CookieWriter(Writer):
    def page(self, page: Page, message: str, asked: str) -> Any:
        shown = {
            "list": page.rows,
            "total": page.total,
            "page": page.page,
            "pageSize": page.size,
        }
        return {**self.nothing(message), "data": shown}


@cache
def resources() -> list[str]:
    """All that permissions are about, and the screens that have other names in the front end."""
    return sorted({key.partition(":")[0] for key in permissions.KNOWN} | {"analytics", "settings"})


def grants(granted: Iterable[str]) -> list[JsonObject]:
    """`*` written out: the menu looks for the resources one by one."""
    if "*" in granted:
        return of.grants([f"{resource}:*" for resource in resources()])
    return of.grants(granted)


USER = of.user(upper=True, as_grants=grants)

DIALECT = Dialect(
    mount="react",
    calls=(
        *(*sign_in(of.account(USER, grants)), *users(USER)),
        Call(asked="GET /roles", entity=of.role_with_grants),
        *(*ROLES, *SHARED),
    ),
    writer=TokenWriter(),
    cookie="accessToken",
    cookie_writer=CookieWriter(),
)
