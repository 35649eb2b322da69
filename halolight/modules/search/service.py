"""Searching everything that a user may see, in one statement."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.db.paging import PageWindow
from halolight.core.db.reads import Row
from halolight.core.db.resource import Resource
from halolight.core.errors import Forbidden
from halolight.core.i18n import _
from halolight.core.search.excerpts import excerpt, highlight
from halolight.core.search.matching import params
from halolight.core.search.tokens import terms
from halolight.extensions import db
from halolight.modules.calendar.keys import key_text

from . import queries
from .kinds import KINDS, NAMES, Kind, kind_for


def search(user: CurrentUser, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A page of each type that is asked for. By default of all types that the user may see."""
    names = query.get("types") or NAMES
    kinds = _kinds(user, names, by_name="types" in query)
    looked_for = terms(query["q"])
    return [
        _result(kind, rows, query, looked_for) for kind, rows in _rows(user, query, kinds).items()
    ]


def _result(
    kind: Kind, rows: Sequence[Row], query: Mapping[str, Any], looked_for: Sequence[str]
) -> dict[str, Any]:
    """The page of one type. There is a row with the total, also if no item is on the page."""
    total, size = rows[0].total if rows else 0, query["page_size"]
    return {
        "type": kind.name,
        "items": [_shown(row, looked_for) for row in rows if row.id is not None],
        "total": total,
        "total_is_exact": bool(rows[0].is_exact) if rows else True,
        "page": query["page"],
        "page_size": size,
        "total_pages": -(-total // size),
    }


def _kinds(user: CurrentUser, names: Collection[str], *, by_name: bool) -> list[Kind]:
    """The kinds with these names that the user may search. Raises `Forbidden` for named ones."""
    kinds = []
    for kind in KINDS:
        if kind.name not in names:
            continue
        if allowed := kind_for(user, kind):
            kinds.append(allowed)
        elif by_name:
            raise Forbidden(
                _("You need the permission {permission} for this.", permission=kind.permission),
                reason="permission",
            )
    return kinds


def _rows(
    user: CurrentUser, query: Mapping[str, Any], kinds: Sequence[Kind]
) -> dict[Kind, list[Row]]:
    """The rows of each kind: none where there is nothing to look for."""
    found: dict[Kind, list[Row]] = {kind: [] for kind in kinds}
    asked = params(query["q"])
    if not asked or not kinds:
        return found
    # Of several kinds one statement for all that the user may search.
    among = kinds if len(kinds) == 1 else _kinds(user, NAMES, by_name=False)
    page, size = query["page"], query["page_size"]
    statement = queries.search(
        tuple((kind, kind.scope(user)) for kind in among),
        PageWindow.of(page, size),
        some=len(kinds) > 1,
    )
    wanted = {queries.wanted_name(kind): kind in found for kind in among}
    window = {"limit": size, "offset": (page - 1) * size, "page_end": page * size}
    for row in db.rows(statement, **asked, **Resource.params(user), **wanted, **window):
        if (kind := among[row.kind]) in found:
            found[kind].append(row)
    return found


def _shown(row: Row, looked_for: Sequence[str]) -> dict[str, Any]:
    id_: int | str = row.id
    if row.series_id is not None:
        id_ = key_text(row.series_id, row.recurrence_id, all_day=row.all_day)
    text = (row.text or "").strip()
    return {
        "id": id_,
        "title": row.title,
        "title_segments": highlight(row.title, looked_for) if row.title else [],
        "text_segments": excerpt(text, looked_for) if text else [],
        "person_id": row.person_id,
        "person_name": row.person_name,
        "person_avatar": row.person_avatar,
        "conversation_id": row.conversation_id,
        "updated_at": row.updated_at,
    }
