"""What people read, in their language: English in the code, other languages in a table each.

    raise Conflict(_("A file has at most {most} links. Revoke one first.", most=MAX_LINKS))

A message is its English text, so logs and commands show that. An answer, a mail or a notification
has it in the language of its reader: see `in_language`. Why it is done so: docs/decisions.md.
"""

import importlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from halolight.core.client_info import client_info

ENGLISH, CHINESE = "en", "zh"
LANGUAGES = (ENGLISH, CHINESE)

MAX_HEADER = 256  # characters of an `Accept-Language` that is read; browsers send less than 100


class Message(str):
    """An English text with translations.

    `code` names the reason in `error.details`; it is the same in every language.
    """

    template: str
    one: str | None
    by: str
    values: Mapping[str, Any]
    code: str

    def __new__(
        cls,
        template: str,
        *,
        one: str | None = None,
        by: str = "count",
        code: str = "invalid",
        values: Mapping[str, Any] | None = None,
    ) -> Self:
        values = values or {}
        chosen = one if one and values.get(by) == 1 else template
        self = super().__new__(cls, chosen.format(**values) if values else chosen)
        self.template, self.one, self.by, self.code = template, one, by, code
        self.values = values
        return self

    def format(self, *_: object, **values: object) -> "Message":
        """The message with these values, as marshmallow completes the texts of its validators."""
        return Message(self.template, one=self.one, by=self.by, code=self.code, values=values)

    def in_language(self, language: str) -> str:
        if language == ENGLISH:
            return str(self)
        text = translations(language).get(self.template, self.template)
        if not self.values:
            return text
        return text.format(**{name: said(v, language) for name, v in self.values.items()})


def _(template: str, *, code: str = "invalid", **values: Any) -> Message:
    """Mark a text for translation. `{name}` in it is where a value goes."""
    return Message(template, code=code, values=values)


def plural(one: str, many: str, by: str = "count", *, code: str = "invalid", **v: Any) -> Message:
    """A text with a singular and a plural, chosen by the value `by`. The table has `many`."""
    return Message(many, one=one, by=by, code=code, values=v)


class Listed(Message):
    """A list of items, separated by commas."""

    items: Sequence[str]

    def __new__(cls, items: Iterable[object]) -> Self:
        texts = [str(item) for item in items]
        self = super().__new__(cls, ", ".join(texts))
        self.items = texts
        return self

    def in_language(self, language: str) -> str:
        return _(", ").in_language(language).join(self.items)


def said(value: Any, language: str) -> Any:
    """A message in this language; other values unchanged."""
    return value.in_language(language) if isinstance(value, Message) else value


def for_caller(text: str) -> str:
    """A text in the language of the response."""
    language = caller_language()
    return str(said(text, language))


def duration(seconds: float) -> Message:
    """A time to wait, rounded up, in the unit that people would use."""
    if seconds <= 90:
        return plural("{count} second", "{count} seconds", count=max(1, -int(-seconds // 1)))
    if seconds <= 90 * 60:
        return plural("{count} minute", "{count} minutes", count=-int(-seconds // 60))
    return plural("{count} hour", "{count} hours", count=-int(-seconds // 3600))


def caller_language() -> str:
    """The language of the answer to the request of this context; English outside of one."""
    return asked_language(client_info.get().accept_language) or ENGLISH


def asked_language(header: str) -> str | None:
    """The language that an `Accept-Language` prefers (RFC 9110, 12.5.4), or None if it is not ours.

    A region or a script makes no difference: `zh-CN`, `zh-Hans` and `zh-TW` are Chinese.
    """
    return _negotiate(header) if header and len(header) <= MAX_HEADER else None


@lru_cache(maxsize=256)
def _negotiate(header: str) -> str | None:
    qualities: dict[str, float] = {}
    for tag, quality in parse_accept_header(header, LanguageAccept):  # the most wanted first
        qualities.setdefault(tag.replace("_", "-").partition("-")[0].lower(), quality)
    others = qualities.get("*", 0)
    candidates = [*(tag for tag in qualities if tag in LANGUAGES), *LANGUAGES]
    best = max(candidates, key=lambda language: qualities.get(language, others))
    return best if qualities.get(best, others) > 0 else None


def translations(language: str) -> Mapping[str, str]:
    """The texts of a language by their English ones. Loaded when they are first needed."""
    table: Mapping[str, str] = importlib.import_module(
        f"{__package__}.translations.{language}"
    ).TEXTS
    return table
