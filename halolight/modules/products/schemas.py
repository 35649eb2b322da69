"""What comes in and goes out of the products' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.money import Amount
from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import Line, Search, Url, UTCDateTimeField, sort_by, sort_order
from halolight.core.schemas.validate import Length, Range

NAME = Length(1, 200)
CATEGORY = Length(1, 100)


class ProductSchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    category = ma.fields.String(required=True, metadata={"description": "Any text."})
    price = Amount(
        required=True, metadata={"description": "With two decimals, without a currency."}
    )
    cost = Amount(required=True, metadata={"description": "Cost of one piece for the seller."})
    stock = ma.fields.Integer(required=True, metadata={"description": "Pieces that are left."})
    image = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "A URL, or a path of the front end."},
    )
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class ProductUpdate(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"price": 39.9, "stock": 5}

    name = Line(validate=NAME)
    category = Line(validate=CATEGORY, metadata={"description": "Any text."})
    price = Amount(metadata={"description": "With two decimals, without a currency."})
    cost = Amount(metadata={"description": "Cost of one piece for the seller."})
    stock = ma.fields.Integer(
        strict=True,
        validate=Range(0),
        metadata={"description": "Pieces that are left."},
    )
    image = Url(validate=Length(max=500))


class ProductInput(ProductUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "name": "Lamp",
        "category": "Furniture",
        "price": 49.9,
        "stock": 10,
    }

    name = Line(required=True, validate=NAME)
    category = Line(required=True, validate=CATEGORY)
    price = Amount(required=True)


class ProductQuery(PageQuery):
    search = Search(metadata={"description": "Text in the name."})
    category = Line(metadata={"description": "Only products of this category."})
    sort_by = sort_by("created_at", "name", "price", "stock")
    sort_order = sort_order()
