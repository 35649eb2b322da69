"""The JSON envelope: the bodies and their documentation, side by side."""

from typing import Any

import marshmallow as ma

from halolight.core.errors import DETAIL_CODES, Details
from halolight.core.i18n import _, for_caller
from halolight.core.schemas.base import Schema

DEFAULT_MESSAGE = _("Operation successful")

_documented: dict[tuple[type[ma.Schema], bool], type[ma.Schema]] = {}


def success(data: Any, message: str, *, repeated: bool = False) -> dict[str, Any]:
    """The body of a success. `repeated` repeats the keys of `data` beside it."""
    body = {"success": True, "data": data, "message": for_caller(message)}
    return {**data, **body} if repeated else body


def failure(code: str, message: str, details: Details) -> dict[str, Any]:
    said = [{**each, "message": for_caller(each["message"])} for each in details]
    error = {"code": code, "message": for_caller(message), "details": said}
    return {"success": False, "error": error}


class EmptyEnvelope(Schema):
    success = ma.fields.Boolean(required=True, metadata={"example": True})
    # Generators of clients know no type that is nothing but null.
    data = ma.fields.Raw(
        required=True, metadata={"type": ["object", "null"], "description": "Always null."}
    )
    message = ma.fields.String(required=True, metadata={"example": str(DEFAULT_MESSAGE)})


class ErrorDetail(Schema):
    field = ma.fields.String(
        required=True,
        metadata={
            "description": "Name of the field; in a list with its position: `items.0.price`.",
            "example": "email",
        },
    )
    message = ma.fields.String(
        required=True,
        metadata={
            "description": "Text for people, in English or Chinese (see `Accept-Language`).",
            "example": "Enter an email address, like name@example.com.",
        },
    )
    code = ma.fields.String(
        required=True,
        metadata={
            "description": "Code for programs, the same in every language.",
            "enum": list(DETAIL_CODES),
            "example": "invalid_email",
        },
    )


class ErrorBody(Schema):
    code = ma.fields.String(
        required=True,
        metadata={"description": "The kind of error, for programs.", "example": "VALIDATION_ERROR"},
    )
    message = ma.fields.String(
        required=True, metadata={"description": "What went wrong, for people."}
    )
    details = ma.fields.List(
        ma.fields.Nested(ErrorDetail),
        required=True,
        metadata={"description": "The invalid fields, if there are any."},
    )


class ErrorEnvelope(Schema):
    success = ma.fields.Boolean(required=True, metadata={"example": False})
    error = ma.fields.Nested(ErrorBody, required=True)


def documented(schema: ma.Schema | None) -> type[ma.Schema]:
    """The schema of a success answer carrying `schema`, made once per schema and arity.

    One with `ENVELOPE = False` stays as it is.
    """
    if schema is None:
        return EmptyEnvelope
    if not getattr(schema, "ENVELOPE", True):
        return type(schema)
    key = (type(schema), bool(schema.many))
    if key not in _documented:
        name = type(schema).__name__.removesuffix("Schema") + ("List" if schema.many else "")
        beside = schema.declared_fields if getattr(schema, "REPEATED_AT_TOP", False) else {}
        as_field = getattr(schema, "as_field", None)
        data = as_field() if as_field else ma.fields.Nested(schema, required=True)
        _documented[key] = Schema.from_dict(
            {
                **beside,
                "success": ma.fields.Boolean(required=True, metadata={"example": True}),
                "data": data,
                "message": ma.fields.String(
                    required=True, metadata={"example": str(DEFAULT_MESSAGE)}
                ),
            },
            name=f"{name}Envelope",
        )
    return _documented[key]
