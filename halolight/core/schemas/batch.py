"""Several things at once: what comes in and goes out of the batch endpoints."""

import marshmallow as ma

from .fields import Id, Unique
from .base import Schema


class IdsInput(Schema):
    ids = Unique(Id(), required=True, validate=ma.validate.Length(1, 100))


class DeletedSchema(Schema):
    deleted = ma.fields.Integer(required=True)
