"""Money: exact in both databases, with two places on the wire."""

from decimal import Decimal
from typing import Any

import marshmallow as ma
import orjson
import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.db.base import render_item
from halolight.core.money import Amount, Balance, Money
from halolight.core.schemas.base import Schema
from halolight.extensions import db
from halolight.modules.products.models import Product

PRICES = ("0.00", "0.10", "0.20", "19.99", "9999999999.99")
TOTAL = sa.select(sa.func.sum(Product.price).label("total"), sa.func.min(Product.price))


class Bill(Schema):
    amount = Amount(allow_none=True)
    balance = Balance()


@pytest.fixture
def priced(app: Flask) -> Flask:
    with app.app_context():
        for price in PRICES:
            db.session.add(Product(name=price, category="a", price=Decimal(price)))
        db.session.commit()
    return app


class TestColumn:
    def test_keeps_each_cent(self, priced: Flask) -> None:
        statement = sa.select(Product.name, Product.price).order_by(Product.id)

        with priced.app_context():
            rows = [*db.rows(statement), *db.session.execute(statement)]

        assert [(name, str(price)) for name, price in rows] == [(p, p) for p in PRICES * 2]

    def test_adds_up_exactly(self, priced: Flask) -> None:
        with priced.app_context():
            rows = [tuple(db.row(TOTAL)), tuple(db.session.execute(TOTAL).one())]

        assert rows == [(Decimal("10000000020.28"), Decimal(0))] * 2

    def test_is_compared_and_ordered_as_a_number(self, priced: Flask) -> None:
        statement = (
            sa.select(Product.name)
            .where(Product.price > sa.bindparam("more", type_=Money()))
            .order_by(Product.price.desc())
        )

        with priced.app_context():
            names = [row.name for row in db.rows(statement, more=Decimal("0.10"))]

        assert names == ["9999999999.99", "19.99", "0.20"]

    def test_is_a_plain_type_in_a_migration(self) -> None:
        written = render_item("type", Money(20), None)

        assert written == "sa.Numeric(20, 2).with_variant(sa.BigInteger(), 'sqlite')"


class TestAmount:
    @pytest.mark.parametrize(
        ("sent", "loaded"),
        [
            (0, "0"),
            (0.1, "0.1"),
            ("19.99", "19.99"),
            (1e2, "100"),
            (9999999999.99, "9999999999.99"),
        ],
    )
    def test_is_read_exactly(self, sent: Any, loaded: str) -> None:
        assert Bill().load({"amount": sent}) == {"amount": Decimal(loaded)}

    @pytest.mark.parametrize(
        "sent",
        [-0.01, 0.001, 1e10, 1e300, "1e999999", "-1e-999999", "NaN", "sNaN", "Infinity", "", " ",
         "one", True, [], {}, "0." + "0" * 5_000 + "1"],
    )  # fmt: skip
    def test_refuses_what_is_none(self, sent: Any) -> None:
        with pytest.raises(ma.ValidationError):
            Bill().load({"amount": sent})

    @pytest.mark.parametrize(
        ("amount", "balance", "written"),
        [
            ("0", "-0.5", b'{"amount":0.00,"balance":-0.50}'),
            ("12.5", "99999999999999999.99", b'{"amount":12.50,"balance":99999999999999999.99}'),
        ],
    )
    def test_is_written_with_two_places(self, amount: str, balance: str, written: bytes) -> None:
        dumped = Bill().dump({"amount": Decimal(amount), "balance": Decimal(balance)})

        assert orjson.dumps(dumped) == written

    def test_may_be_null(self) -> None:
        assert Bill().dump({"amount": None, "balance": Decimal(1)})["amount"] is None
