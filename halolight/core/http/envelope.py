"""The JSON envelope: the bodies and their documentation, side by side."""

from typing import Any

import marshmallow as ma

from halolight.core.schemas.base import Schema

DEFAULT_MESSAGE = "Operation successful"

_documented: dict[tuple[type[ma.Schema], bool], type[ma.Schema]] = {}


def success(data: Any, message: str, *, repeated: bool = False) -> dict[str, Any]:
    """The body of a success. `repeated` repeats the keys of `data` beside it."""
    body = {"success": True, "data": data, "message": message}
    return {**data, **body} if repeated else body


def failure(code: str, message: str, details: list[dict[str, str]]) -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message, "details": details}}


class EmptyEnvelope(Schema):
    success = ma.fields.Boolean(required=True, metadata={"example": True})
    # Generators of clients know no type that is nothing but null.
    data = ma.fields.Raw(
        required=True, metadata={"type": ["object", "null"], "description": "Always null."}
    )
    message = ma.fields.String(required=True, metadata={"example": DEFAULT_MESSAGE})


class ErrorDetail(Schema):
    field = ma.fields.String(required=True, metadata={"example": "email"})
    message = ma.fields.String(required=True, metadata={"example": "Invalid email format"})


class ErrorBody(Schema):
    code = ma.fields.String(required=True, metadata={"example": "VALIDATION_ERROR"})
    message = ma.fields.String(required=True)
    details = ma.fields.List(ma.fields.Nested(ErrorDetail), required=True)


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
        _documented[key] = Schema.from_dict(
            {
                **beside,
                "success": ma.fields.Boolean(required=True, metadata={"example": True}),
                "data": ma.fields.Nested(schema, required=True),
                "message": ma.fields.String(required=True, metadata={"example": DEFAULT_MESSAGE}),
            },
            name=f"{name}Envelope",
        )
    return _documented[key]
