"""Next.js: `halolight/halolight`. Lists are bare arrays; pages are `data` and `meta`."""

from typing import Any

from .. import entities as of
from ..common import ROLES, SHARED, sign_in, users
from ..tables import Dialect
from ..writers import JsonObject, Page, Writer


def with_meta(page: Page) -> JsonObject:
    """Without a `code`: the readers of pages take it for another shape."""
    meta = {"total": page.total, "page": page.page, "limit": page.size, "totalPages": page.pages}
    return {"data": page.rows, "meta": meta}


class NextWriter(Writer):
    def list(self, rows: list[Any], message: str) -> Any:
        return rows

    def page(self, page: Page, message: str, asked: str) -> Any:
        return with_meta(page)


USER = of.user(upper=True)

DIALECT = Dialect(
    mount="next",
    calls=(*sign_in(of.account(USER)), *users(USER), *ROLES, *SHARED),
    writer=NextWriter(),
)
