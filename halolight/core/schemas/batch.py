"""Several things at once: what comes in and goes out of the batch endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.schemas.validate import Length

from .base import Schema
from .fields import Id, UniqueList


class IdsInput(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"ids": [21, 22]}

    ids = UniqueList(
        Id(),
        required=True,
        validate=Length(1, 100),
        metadata={"description": "All of them are deleted, or none."},
    )


class DeletedSchema(Schema):
    deleted = ma.fields.Integer(
        required=True, metadata={"description": "Number of deleted objects."}
    )
