"""Fields that marshmallow lacks, or that are stricter or more forgiving here."""

import datetime as dt
import unicodedata
import zoneinfo
from functools import cache
from typing import Any

import marshmallow as ma

from .base import MAX_INTEGER, camel
from .dump import Embedded

__all__ = [
    "Choice",
    "Email",
    "Embedded",
    "Id",
    "Line",
    "LowerLine",
    "TimeZone",
    "UTCDateTimeField",
    "UniqueList",
    "WrittenTime",
    "sort_by",
    "sort_order",
]


class UTCDateTimeField(ma.fields.AwareDateTime):
    """A time, read in any zone (UTC where it names none).

    It is dumped as it is, in UTC: the JSON provider writes it, ending in `Z`.
    """

    PLAIN = True
    KEEPS_OFFSET = False

    def __init__(self, default_timezone: dt.tzinfo = dt.UTC, **kwargs: Any) -> None:
        super().__init__(default_timezone=default_timezone, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:
        return value

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.datetime:
        try:
            moment: dt.datetime = super()._deserialize(value, attr, data, **kwargs)
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
            raise ma.ValidationError("Unknown time zone; name one like Europe/Berlin.")
        return zoneinfo.ZoneInfo(name)


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in zoneinfo.available_timezones()}


class Email(ma.fields.Email):
    """A mail address, compared without case: it is kept in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, error_messages={"invalid": "Invalid email format"})

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, *args, **kwargs).strip().lower()


def _refuse_control_characters(text: str) -> None:
    """A new line in a name could begin a line of its own in a mail or a log."""
    if any(unicodedata.category(c) == "Cc" for c in text if c != "\0"):  # of which Schema tells
        raise ma.ValidationError("Must be one line, without control characters.")


class Line(ma.fields.String):
    """A line of text, without space around it and without control characters in it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [*self.validators, _refuse_control_characters]

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, *args, **kwargs).strip()


class LowerLine(Line):
    """A line of text that is compared without case: it is kept, and looked for, in lower case."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, *args, **kwargs).lower()


class Choice(ma.fields.String):
    """One of a few words, accepted in any case."""

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = {choice.casefold(): choice for choice in choices}
        self.metadata = {"enum": list(choices), **self.metadata}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            return self.choices[text.casefold()]
        except KeyError:
            message = f"Must be one of: {', '.join(self.choices.values())}."
            raise ma.ValidationError(message) from None


class Id(ma.fields.Integer):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=ma.validate.Range(1, MAX_INTEGER), **kwargs)


class UniqueList(ma.fields.List[Any]):
    """A list in which nothing stands twice; the first of equals stays."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return list(dict.fromkeys(super()._deserialize(value, *args, **kwargs)))


def sort_by(default: str, *others: str) -> Choice:
    """The columns a list can be ordered by, under their wire names; the first is the default."""
    names = [camel(name) for name in (default, *others)]
    return Choice(*names, load_default=names[0])


def sort_order(default: str = "desc") -> Choice:
    return Choice("asc", "desc", load_default=default)
