"""What comes in and goes out of the products' endpoints."""

import marshmallow as ma

from halolight.core.schemas.fields import LowerText, Moment, Text, sort_by, sort_order
from halolight.core.money import Amount
from halolight.core.schemas.base import PageQuery, Schema

NAME = ma.validate.Length(1, 200)
CATEGORY = ma.validate.Length(1, 100)


class ProductSchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    category = ma.fields.String(required=True)
    price = Amount(required=True)
    cost = Amount(required=True, metadata={"description": "What one costs the seller."})
    stock = ma.fields.Integer(required=True)
    image = ma.fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class ProductUpdate(Schema):
    name = Text(validate=NAME)
    category = Text(validate=CATEGORY)
    price = Amount()
    cost = Amount(metadata={"description": "What one costs the seller."})
    stock = ma.fields.Integer(strict=True, validate=ma.validate.Range(0))
    image = Text(allow_none=True, validate=ma.validate.Length(max=500))


class ProductInput(ProductUpdate):
    name = Text(required=True, validate=NAME)
    category = Text(required=True, validate=CATEGORY)
    price = Amount(required=True)


class ProductQuery(PageQuery):
    search = Text(metadata={"description": "In the name."})
    category = LowerText()
    sort_by = sort_by("created_at", "name", "price", "stock")
    sort_order = sort_order()
