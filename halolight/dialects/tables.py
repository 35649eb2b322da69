"""What a dialect is made of: a table of the calls that a front end makes, and a writer of answers.

A call that stands in no table is passed on as it is; only its envelope changes.
"""

import dataclasses as dc
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from .writers import Writer

JsonObject = dict[str, Any]

# Parameters of paths that are no numbers. An event may be an occurrence of a series.
TEXTS = {"role": "[^/]+", "permission": "[^/]+", "event": r"[0-9]+(?:_[0-9TZ]+)?"}
NUMBER = "[0-9]+"
WHOLE = 10_000  # rows of a list that is asked for without a page, at most


@dc.dataclass(frozen=True, slots=True)
class Caller:
    """What a mapping knows besides the row: who has asked, and how to show them a thumbnail.

    `roles` keeps what is written of each role in one answer.
    """

    id: int | None
    thumbnail_url: Callable[[int], str]
    roles: dict[str, dict[str, Any]] = dc.field(default_factory=dict)


Entity = Callable[[JsonObject, Caller], JsonObject]
Rewrite = Callable[[JsonObject], JsonObject]


def last(parts: list[Any]) -> Any:
    """The data of the last call that succeeded."""
    return next((part for part in reversed(parts) if part is not None), None)


@dc.dataclass(frozen=True, eq=False, kw_only=True)
class Call:
    """One call of a front end: `GET /users/:id`, below `/api` of its mount.

    A parameter is a number, or a text if it is one of `TEXTS`.

    `contract` is the call that answers it, by default the same. `query` and `body` rewrite what
    was sent, `entity` each object of the answer. `whole` brings all rows unless a page is asked
    for; `bare` shows them as a list then, and not as a page. `select` chooses among the rows of a
    list, given the parameters of path and query. `follow` are calls that are made when the first
    has succeeded, with what it has answered as further parameters; `combine` makes one answer of
    the data of all.
    """

    asked: str
    contract: str = ""
    entity: Entity | None = None
    query: Rewrite | None = None
    body: Rewrite | None = None
    whole: bool = False
    bare: bool = False
    select: Callable[[list[JsonObject], JsonObject], Any] | None = None
    follow: Sequence[str] = ()
    combine: Callable[[list[Any]], Any] | None = None

    def target(self, params: JsonObject) -> tuple[str, str]:
        """Method and path of the contract's call."""
        return fill(self.contract or self.asked, params)


def fill(call: str, params: JsonObject) -> tuple[str, str]:
    """`GET /users/:id` -> `("GET", "/api/users/5")`."""
    method, _, path = call.partition(" ")
    segments = path.split("/")
    filled = (params[each[1:]] if each.startswith(":") else each for each in segments)
    return method, "/api" + "/".join(filled)


def calls(entity: Entity | None, *asked: str, **options: Any) -> tuple[Call, ...]:
    """Several calls that answer with the same kind of object."""
    return tuple(Call(asked=each, entity=entity, **options) for each in asked)


@dc.dataclass(frozen=True, eq=False, kw_only=True)
class Dialect:
    """A front end: where it is mounted, the calls it makes, and how it reads answers.

    With `cookie` a request without an `Authorization` header may carry its access token in that
    cookie; answers to such requests are written by `cookie_writer`.
    """

    mount: str
    calls: Sequence[Call]
    writer: Writer
    cookie: str = ""
    cookie_writer: Writer | None = None

    def find(self, method: str, path: str) -> tuple[Call, JsonObject]:
        """The call of the table and the parameters of its path, or a call that changes nothing."""
        path = path.rstrip("/")
        for pattern, call in self._patterns.get((method, _first(path)), ()):
            if match := pattern.fullmatch(path):
                return call, match.groupdict()
        return Call(asked=f"{method} {path}"), {}

    @cached_property
    def _patterns(self) -> dict[tuple[str, str], list[tuple[re.Pattern[str], Call]]]:
        """By method and first segment; where two fit, the one that stands first in the table."""
        found: dict[tuple[str, str], list[tuple[re.Pattern[str], Call]]] = {}
        for call in self.calls:
            method, _, path = call.asked.partition(" ")
            pattern = re.compile(re.sub(r":(\w+)", _group, path))
            found.setdefault((method, _first(path)), []).append((pattern, call))
        return found


def _group(parameter: re.Match[str]) -> str:
    name = parameter[1]
    return f"(?P<{name}>{TEXTS.get(name, NUMBER)})"


def _first(path: str) -> str:
    return path.split("/", 2)[1] if path else ""
