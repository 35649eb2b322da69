"""Fields that marshmallow lacks, or that are stricter or more forgiving here."""

import datetime as dt
import re
import zoneinfo
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import marshmallow as ma

from halolight.core import mail_address
from halolight.core.i18n import Listed, _
from halolight.core.schemas.validate import Range
from halolight.core.text import is_blank, is_one_line

from .base import MAX_INTEGER, camel
from .dump import Embedded

__all__ = [
    "Choice",
    "Color",
    "Email",
    "Embedded",
    "Id",
    "Line",
    "LowerLine",
    "Search",
    "TimeZone",
    "TypedPassword",
    "UTCDateTimeField",
    "UniqueList",
    "Url",
    "WrittenTime",
    "sort_by",
    "sort_order",
]


_MIDNIGHT = re.compile(r"(.{10}[T ])24:00((?::00(?:\.0+)?)?(?:Z|[+-].*)?)")
_LEAP_SECOND = re.compile(r"(.{10}[T ]\d\d:\d\d):60(.*)")


class UTCDateTimeField(ma.fields.AwareDateTime):
    """A time by RFC 3339, 5.6, in any zone (UTC where it names none). Letters in any case.

    Second 60 is read as 59, since Python knows no leap seconds; 24:00 is the midnight at the end of
    the day (ISO 8601). It is dumped as it is, in UTC: the JSON provider writes it, ending in `Z`.
    """

    PLAIN = True
    KEEPS_OFFSET = False

    def __init__(self, default_timezone: dt.tzinfo = dt.UTC, **kwargs: Any) -> None:
        super().__init__(default_timezone=default_timezone, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return value

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.datetime:
        text, later = _read_clock(value) if isinstance(value, str) else (value, dt.timedelta(0))
        try:
            moment: dt.datetime = super()._deserialize(text, attr, data, **kwargs) + later
            in_utc = moment.astimezone(dt.UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
        return moment if self.KEEPS_OFFSET else in_utc


class WrittenTime(UTCDateTimeField):
    """A time that keeps the offset it is written with, so that the date it names is known."""

    KEEPS_OFFSET = True


class TimeZone(ma.fields.String):
    """The name of a time zone, in any case."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        name = _zones().get(super()._deserialize(value, *args, **kwargs).casefold())
        if name is None:
            raise ma.ValidationError(
                _("Enter a time zone, like Europe/Berlin.", code="invalid_choice")
            )
        return zoneinfo.ZoneInfo(name)


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in zoneinfo.available_timezones()}


def _read_clock(text: str) -> tuple[str, dt.timedelta]:
    """The time with a clock that Python reads, and how much later it was."""
    text = _LEAP_SECOND.sub(r"\1:59\2", text.upper())
    if midnight := _MIDNIGHT.fullmatch(text):
        return f"{midnight[1]}00:00{midnight[2]}", dt.timedelta(days=1)
    return text, dt.timedelta(0)


INVALID_EMAIL = _("Enter an email address, like name@example.com.", code="invalid_email")


class Email(ma.fields.Email):
    """A mail address, in the canonical form of `core.mail_address`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, error_messages={"invalid": INVALID_EMAIL})
        # It knows domains in ASCII alone, and `canonical` has asked it about these.
        self.validators = [v for v in self.validators if not isinstance(v, ma.validate.Email)]

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            return mail_address.canonical(text)
        except ValueError:
            raise self.make_error("invalid", input=value) from None


def _refuse_several_lines(text: str) -> None:
    """A new line in a name could begin a line of its own in a mail or a log."""
    if not is_one_line(text):
        raise ma.ValidationError(
            _("Enter one line, without control characters.", code="invalid_characters")
        )


class Line(ma.fields.String):
    """A line of text, without space around it. One that shows nothing is empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [*self.validators, _refuse_several_lines]

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs).strip()
        return "" if is_blank(text) else text


class LowerLine(Line):
    """A line of text that is compared without case: it is kept, and looked for, in lower case."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, *args, **kwargs).lower()


class Search(ma.fields.String):
    """What is searched for. It may have been copied from anywhere, so it need not be one line."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, *args, **kwargs).strip()


class TypedPassword(ma.fields.String):
    """A password to compare: in the form in which it was typed, see `core.passwords`."""

    AS_TYPED = True


class Url(Line):
    """An address that a browser may follow: http(s), or a path of the front end.

    Nothing that runs a script, and nothing that looks like one host and names another. Forms send
    an empty one for none.
    """

    def __init__(self, *, empty_is_none: bool = True, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)
        self._empty_is_none = empty_is_none
        self.validators = [*self.validators, _refuse_other_addresses]
        described = "An http(s) URL, or a path that begins with one slash."
        self.metadata = {"description": described, **self.metadata}

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        empty = self._empty_is_none and isinstance(value, str) and is_blank(value)
        return super().deserialize(None if empty else value, *args, **kwargs)


def _refuse_other_addresses(address: str) -> None:
    if not _is_web_address(address):
        raise ma.ValidationError(
            _("Enter an http(s) URL, or a path like /documents/5.", code="invalid_url")
        )


def _is_web_address(address: str) -> bool:
    """Browsers skip control characters, and read a backslash as a slash (WHATWG URL, 4.4)."""
    if "\\" in address or not is_one_line(address) or any(map(str.isspace, address)):
        return False
    if address.startswith("/"):
        return not address.startswith("//")
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises ValueError
    except ValueError:
        return False
    # Not `parts.netloc` alone: `https:/host` has none, and browsers follow it.
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


class Color(Line):
    """A color like #3b82f6, or a plain word. Three digits are read as six, as CSS does."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_none=True, validate=_COLOR, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if _SHORT_COLOR.fullmatch(text):
            return "#" + "".join(2 * digit for digit in text[1:])
        return text


_SHORT_COLOR = re.compile("#[0-9A-Fa-f]{3}")
_COLOR = ma.validate.Regexp(
    "^(#[0-9A-Fa-f]{3}|#[0-9A-Fa-f]{6}|[A-Za-z]{1,30})$",
    error=_("Enter a color, like #3b82f6 or red.", code="invalid_format"),
)


class Choice(ma.fields.String):
    """One of a few words, accepted in any case."""

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = {choice.casefold(): choice for choice in choices}
        null = [None] if self.allow_none else []
        self.metadata = {"enum": [*choices, *null], **self.metadata}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            return self.choices[text.casefold()]
        except KeyError:
            choices = Listed(self.choices.values())
            raise ma.ValidationError(
                _("Choose one of these: {choices}.", code="invalid_choice", choices=choices)
            ) from None


class Id(ma.fields.Integer):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=Range(1, MAX_INTEGER), **kwargs)


class UniqueList(ma.fields.List[Any]):
    """A list in which nothing stands twice; the first of equals stays."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return list(dict.fromkeys(super()._deserialize(value, *args, **kwargs)))


def sort_by(default: str, *others: str) -> Choice:
    """The columns a list can be ordered by, under their wire names; the first is the default."""
    names = [camel(name) for name in (default, *others)]
    described = {"description": "Field to sort by; equal values are sorted by id."}
    return Choice(*names, load_default=names[0], metadata=described)


def sort_order(default: str = "desc") -> Choice:
    described = {"description": "`asc` sorts ascending, `desc` descending."}
    return Choice("asc", "desc", load_default=default, metadata=described)
