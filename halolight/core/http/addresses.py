"""URL converters for ids, names and secrets."""

from typing import Any, ClassVar

from flask_smorest.spec.plugins import FlaskPlugin
from werkzeug.routing import IntegerConverter, Map, Rule, UnicodeConverter

from halolight.core.schemas.base import MAX_INTEGER, MAX_TEXT
from halolight.core.text import has_long_run_of_marks, nfc


class IdConverter(IntegerConverter):
    """`<int:...>` in a path: a number beyond the range of the columns is 404."""

    regex = "[0-9]+"  # of ASCII: `\\d` has the digits of all scripts

    def to_python(self, value: str) -> int:
        number: int = super().to_python(value[:20])
        return number if number <= MAX_INTEGER else 0


class NameConverter(UnicodeConverter):
    """`<string:...>` in a path: a text that no column can hold is 404."""

    def __init__(self, map: Map, maxlength: int = MAX_TEXT) -> None:  # noqa: A002
        super().__init__(map, maxlength=maxlength)

    def to_python(self, value: str) -> str:
        return "" if "\0" in value or has_long_run_of_marks(value) else nfc(value)


class SecretConverter(NameConverter):
    """`<secret:...>` in a path: a value that grants access, which no log contains."""


CONVERTERS = {"int": IdConverter, "string": NameConverter, "secret": SecretConverter}


class Plugin(FlaskPlugin):
    """Describes the parameters in paths: `team_id` is the id of a team."""

    OTHERS: ClassVar[dict[str, str]] = {
        "feed_token": "The secret in the URL of the feed.",
        "name": "Name of the role.",
        "number": "Number of the version.",
        "token": "The secret in the link.",
    }

    def rule_to_params(self, rule: Rule) -> list[dict[str, Any]]:
        params: list[dict[str, Any]] = super().rule_to_params(rule)
        for param in params:
            noun, is_id, _ = param["name"].partition("_id")
            param["description"] = f"Id of the {noun}." if is_id else self.OTHERS[param["name"]]
        return params
