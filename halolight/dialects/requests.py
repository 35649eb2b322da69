"""What front ends send, in the words of the contract."""

from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from .tables import WHOLE, Call

JsonObject = dict[str, Any]

# A filter that is not set arrives as one of these; `search` may look for any of them but the first.
ABSENT = ("undefined", "all", "全部")
SEARCHES = ("search", "keyword")
PAGE_KEYS = ("page", "pageSize", "limit")

# Keys of bodies that hold the id of a row, or several: texts in the front ends, numbers here.
IDS = frozenset(
    (
        *("ids", "userId", "userIds", "teamId", "teamIds", "memberIds", "participantIds"),
        *("recipientId", "recipientIds", "attendees", "attendeeIds", "conversationId"),
        *("folderId", "parentId", "fileId", "shareId"),
    )
)
MAX_CACHED_QUERY = 256  # characters


class Query(NamedTuple):
    """The query for the contract, and which page was asked for, if one was."""

    pairs: JsonObject
    text: str
    page: int | None = None
    size: int = 10
    whole: bool = False


def translate_query(call: Call, text: str) -> Query:
    """Front ends send the same few queries over and over."""
    translate = _translated if len(text) <= MAX_CACHED_QUERY else _translated.__wrapped__
    return translate(call, text)


@lru_cache(maxsize=1024)
def _translated(call: Call, text: str) -> Query:
    pairs = {key: value for key, value in parse_qsl(text) if not _is_absent(key, value)}
    if "conversationId" in pairs:
        pairs["conversationId"] = pairs["conversationId"].removeprefix("c")
    if call.query:
        pairs = call.query(pairs)
    if any(key in pairs for key in PAGE_KEYS):
        page, size = pairs.get("page"), pairs.get("pageSize") or pairs.get("limit")
        return Query(pairs, urlencode(pairs), _number(page, 1), _number(size, 10))
    if call.whole:
        pairs["pageSize"] = str(WHOLE)
    return Query(pairs, urlencode(pairs), whole=call.whole)


def _is_absent(key: str, value: str) -> bool:
    return value in (ABSENT[:1] if key in SEARCHES else ABSENT)


def _number(text: str | None, default: int) -> int:
    """Of what is not a number above zero the contract says that it is wrong."""
    known = text and text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0
    return int(text) if text and known else default


def translate_body(call: Call, body: JsonObject) -> JsonObject:
    numbered = {key: to_id(value) if key in IDS else value for key, value in body.items()}
    return call.body(numbered) if call.body else numbered


def to_id(value: Any) -> Any:
    """`"5"` -> 5, also in a list. What is no id is left for the contract to refuse."""
    if isinstance(value, list):
        return [to_id(each) for each in value]
    if isinstance(value, dict) and "id" in value:
        return {**value, "id": to_id(value["id"])}
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        return int(value)
    return value


def conversation_number(body: JsonObject) -> JsonObject:
    """`{"conversationId": "c5"}` -> 5: conversations have ids of their own kind."""
    given = body.get("conversationId")
    if isinstance(given, str):
        return {**body, "conversationId": to_id(given.removeprefix("c"))}
    return body
