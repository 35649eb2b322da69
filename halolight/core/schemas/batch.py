"""Several things at once: what comes in and goes out of the batch endpoints."""

import marshmallow as ma

from halolight.core.schemas.validate import Length

from .base import Schema
from .fields import Id, UniqueList


class IdsInput(Schema):
    ids = UniqueList(Id(), required=True, validate=Length(1, 100))


class DeletedSchema(Schema):
    deleted = ma.fields.Integer(required=True)
