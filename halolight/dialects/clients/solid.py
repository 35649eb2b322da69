"""SolidStart: `halolight/halolight-solid`. Everything is in `data`, pages in `data.data`."""

from typing import Any

from halolight.core.errors import Unauthorized
from halolight.core.i18n import _

from .. import entities as of
from ..common import blanks_as_nothing, one_user
from ..tables import Call, Caller, Dialect, calls
from ..writers import JsonObject, Page, Writer


class SolidWriter(Writer):
    def object(self, fields: JsonObject, message: str) -> Any:
        return {**self.nothing(message), "data": fields}

    def page(self, page: Page, message: str, asked: str) -> Any:
        return self.object({"data": {"list": page.rows, "total": page.total}}, message)


# Its self-test signs in with these whenever the browser loads a page, in production, too.
SELF_TEST = ("demo@example.com", "demo123")


def user(row: JsonObject, _: Caller) -> JsonObject:
    granted = of.spelled(row.get("permissions") or [])
    return {
        **row,
        "id": str(row["id"]),
        "status": row["status"].lower(),
        "role": of.role_of(row, granted),
        "permissions": granted,
    }


def listed(row: JsonObject, caller: Caller) -> JsonObject:
    """The list enables only a "suspended" user, so every disabled one has to be shown as that."""
    shown = user(row, caller)
    return {**shown, "status": "suspended"} if shown["status"] == "inactive" else shown


def tokens(row: JsonObject, caller: Caller) -> JsonObject:
    pair = {key: row[key] for key in ("accessToken", "refreshToken", "expiresIn")}
    return {"user": user(row["user"], caller), "token": pair}


def by_a_person(body: JsonObject) -> JsonObject:
    """The credentials, unless they are those of the self-test.

    They are refused before the API counts them: else 50 pages loaded from one network would keep
    everyone there from signing in.
    """
    if (body.get("email"), body.get("password")) == SELF_TEST:
        raise Unauthorized(_("The email or the password is wrong."), reason="password")
    return body


def found(rows: list[JsonObject], params: JsonObject) -> list[JsonObject]:
    """The contract's list of roles cannot be searched."""
    text = params.get("search", "").casefold()
    return [row for row in rows if text in f"{row['name']}\n{row['label']}".casefold()]


def newest(query: JsonObject) -> JsonObject:
    """A number of rows, and no page: so it stands under the contract's other name for it."""
    return {"page_size": query.get("limit", "10"), "sortBy": "createdAt"}


TITLES = {
    "totalUsers": "Users",
    "activeUsers": "Active users",
    "totalRevenue": "Revenue",
    "conversionRate": "Conversion rate",
}


def widgets(parts: list[Any]) -> list[JsonObject]:
    """A widget for each figure at the top of the dashboard."""
    stats = parts[0]
    return [
        {"id": key, "type": "stats", "title": title, "data": stats[key]}
        for key, title in TITLES.items()
    ]


def status(word: str) -> Any:
    return lambda _: {"status": word}


STATUS = "PATCH /users/:id/status"

DIALECT = Dialect(
    mount="solid",
    calls=(
        Call(asked="POST /auth/login", entity=tokens, body=by_a_person),
        *calls(tokens, "POST /auth/register", "POST /auth/refresh"),
        Call(asked="GET /auth/me", entity=user),
        Call(asked="GET /users", contract="GET /users/grants", entity=listed),
        one_user(user),
        *calls(user, "POST /users", "PUT /users/:id", body=blanks_as_nothing),
        Call(
            asked="PATCH /users/:id/disable", contract=STATUS, entity=user, body=status("INACTIVE")
        ),
        Call(asked="PATCH /users/:id/enable", contract=STATUS, entity=user, body=status("ACTIVE")),
        Call(asked="GET /roles", entity=of.role, select=found),
        *calls(of.role, "POST /roles", "GET /roles/:role", "PUT /roles/:role"),
        Call(asked="GET /permissions", entity=of.permission),
        Call(
            asked="GET /dashboard/recent-users",
            contract="GET /users/grants",
            entity=user,
            query=newest,
            bare=True,
        ),
        Call(asked="GET /dashboard/widgets", contract="GET /dashboard/stats", combine=widgets),
    ),
    writer=SolidWriter(),
)
