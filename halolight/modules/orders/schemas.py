"""What comes in and goes out of the orders' endpoints."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.money import Amount
from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Choice,
    Id,
    Line,
    Search,
    UTCDateTimeField,
    sort_by,
    sort_order,
)
from halolight.core.schemas.validate import Length, Range

from .models import STATUSES

MAX_ITEMS = 100
CUSTOMER = Length(1, 200)
WITHOUT_ITEMS = "Only for an order without items; otherwise it is computed from the items."


class OrderItemSchema(Schema):
    product_id = ma.fields.Integer(
        required=True,
        allow_none=True,
        attribute="item_product_id",
        metadata={"description": "Null when the product has been deleted."},
    )
    name = ma.fields.String(required=True, attribute="item_name")
    quantity = ma.fields.Integer(required=True, attribute="item_quantity")
    price = Amount(
        required=True, attribute="item_price", metadata={"description": "Price of one piece."}
    )


class OrderSchema(Schema):
    id = ma.fields.Integer(required=True)
    order_no = ma.fields.String(required=True, metadata={"example": "ORD-2026-000123"})
    customer = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(OrderItemSchema), required=True)
    amount = Amount(
        required=True, metadata={"description": "Sum of the items, without a currency."}
    )
    cost = Amount(required=True, metadata={"description": "Cost of the order for the seller."})
    status = ma.fields.String(required=True, metadata={"enum": list(STATUSES)})
    paid_at = UTCDateTimeField(
        required=True, allow_none=True, metadata={"description": "Null until it is paid."}
    )
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class OrderItemInput(Schema):
    product_id = Id(
        allow_none=True,
        load_default=None,
        metadata={"description": "For an item without a product, send a name and a price instead."},
    )
    name = Line(
        validate=Length(1, 200),
        metadata={"description": "By default the name of the product."},
    )
    quantity = ma.fields.Integer(strict=True, required=True, validate=Range(1, 1_000_000))
    price = Amount(metadata={"description": "By default the price of the product."})

    @ma.validates_schema
    def _check(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["product_id"] is None and not {"name", "price"} <= data.keys():
            raise ma.ValidationError(
                _("Choose a product, or enter a name and a price.", code="required"), "product_id"
            )


class OrderUpdate(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"status": "shipped"}

    customer = Line(validate=CUSTOMER)
    items = ma.fields.List(
        ma.fields.Nested(OrderItemInput),
        validate=Length(max=MAX_ITEMS),
        metadata={"description": "Replace all items."},
    )
    amount = Amount(metadata={"description": WITHOUT_ITEMS})
    cost = Amount(metadata={"description": "By default the sum of the costs of the products."})
    status = Choice(*STATUSES, metadata={"description": "`paid` and `shipped` count as sales."})


class OrderInput(OrderUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {
        "customer": "Ada",
        "items": [{"productId": 1, "quantity": 2}],
    }

    customer = Line(required=True, validate=CUSTOMER)


class OrderQuery(PageQuery):
    search = Search(metadata={"description": "In order number and customer."})
    status = Choice(*STATUSES, metadata={"description": "Only orders with this status."})
    since = UTCDateTimeField(
        data_key="from", metadata={"description": "Only orders from this time on."}
    )
    until = UTCDateTimeField(
        data_key="to", metadata={"description": "Only orders before this time."}
    )
    sort_by = sort_by("created_at", "amount", "order_no")
    sort_order = sort_order()
