"""What marshmallow's fields and validators say, as messages that can be translated.

Import `Length` and `Range` from here. The texts of the fields are class attributes of marshmallow,
which are set here, once.
"""

from collections.abc import Sized
from typing import Any, TypeVar

import marshmallow as ma

from halolight.core.i18n import Message, _, plural

SizedT = TypeVar("SizedT", bound=Sized)

_NUMBER = _("Enter a number.", code="invalid_type")
_TEXTS: dict[type[ma.fields.Field[Any]], dict[str, str]] = {
    ma.fields.Field: {
        "required": _("This field is required.", code="required"),
        "null": _("This field must not be null.", code="null"),
        "validator_failed": _("This value is not valid."),
    },
    ma.fields.String: {
        "invalid": _("Enter text.", code="invalid_type"),
        "invalid_utf8": _("Enter text.", code="invalid_type"),
    },
    ma.fields.Number: {
        "invalid": _NUMBER,
        "too_large": _("This number is too large.", code="too_large"),
    },
    ma.fields.Integer: {"invalid": _("Enter a whole number.", code="invalid_type")},
    ma.fields.Float: {"special": _NUMBER},
    ma.fields.Decimal: {"special": _NUMBER},
    ma.fields.Boolean: {"invalid": _("Enter true or false.", code="invalid_type")},
    ma.fields.DateTime: {
        "invalid": _("Enter a time, like 2026-01-31T09:30:00Z.", code="invalid_time"),
        "invalid_awareness": _("Enter a time, like 2026-01-31T09:30:00Z.", code="invalid_time"),
    },
    ma.fields.Date: {"invalid": _("Enter a date, like 2026-01-31.", code="invalid_time")},
    ma.fields.List: {"invalid": _("Send a list.", code="invalid_type")},
    ma.fields.Nested: {"type": _("Send an object.", code="invalid_type")},
    ma.fields.Dict: {"invalid": _("Send an object.", code="invalid_type")},
}
for _field, _texts in _TEXTS.items():
    _field.default_error_messages = {**_field.default_error_messages, **_texts}

SCHEMA_TEXTS: dict[str, str] = {"type": _("Send an object.", code="invalid_type")}

EMPTY = _("This must not be empty.", code="empty")
TOO_SHORT = plural(
    "Enter at least {min} character.", "Enter at least {min} characters.", "min", code="too_short"
)
TOO_LONG = plural(
    "Enter at most {max:,} character.", "Enter at most {max:,} characters.", "max", code="too_long"
)
TOO_MANY = plural(
    "Choose at most {max} entry.", "Choose at most {max} entries.", "max", code="too_many"
)


class Length(ma.validate.Length):
    """The length of a text or a list. (A list that has to have entries needs one.)"""

    def __call__(self, value: SizedT) -> SizedT:
        size, is_text = len(value), isinstance(value, str)
        if self.min and size < self.min:
            at_least = TOO_SHORT.format(min=self.min)
            raise ma.ValidationError(at_least if is_text and size else EMPTY)
        if self.max is not None and size > self.max:
            raise ma.ValidationError((TOO_LONG if is_text else TOO_MANY).format(max=self.max))
        return value


class Range(ma.validate.Range):
    """A number between two others, both included."""

    def __call__(self, value: Any) -> Any:
        if self.min is not None and value < self.min:
            raise ma.ValidationError(self._refusal("too_small"))
        if self.max is not None and value > self.max:
            raise ma.ValidationError(self._refusal("too_large"))
        return value

    def _refusal(self, code: str) -> Message:
        if self.min is None:
            return _("Enter a number of at most {max:,}.", code=code, max=self.max)
        if self.max is None:
            return _("Enter a number of at least {min:,}.", code=code, min=self.min)
        return _("Enter a number from {min:,} to {max:,}.", code=code, min=self.min, max=self.max)
