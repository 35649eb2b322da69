"""Money: exact, with two places, from the request to the database and back. Never a float."""

from decimal import Decimal
from typing import Any

import marshmallow as ma
import orjson
import sqlalchemy as sa

from halolight.core.i18n import _

CENT = Decimal("0.01")
MOST = Decimal("9999999999.99")  # what NUMERIC(12, 2) holds
NOTHING = Decimal("0.00")


class Money(sa.types.TypeDecorator[Decimal]):
    """A column of money. SQLite has no exact decimals: there it is a whole number of cents."""

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, precision: int = 12) -> None:
        super().__init__(precision, 2)
        self.precision = precision

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.Numeric(self.precision, 2))

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return int(value * 100)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        """PostgreSQL's driver reads a NUMERIC as a Decimal already."""
        if dialect.name == "postgresql":
            return None
        return super().result_processor(dialect, coltype)


class Amount(ma.fields.Decimal):
    """An amount of money on the wire: a number from 0 up with at most two places.

    It is written with both of them (`12.50`), from its decimal digits.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=_check, **kwargs)
        self.metadata = {"minimum": 0, "maximum": float(MOST), "example": 49.90, **self.metadata}

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **_: Any) -> Any:
        return written(value)


class Balance(ma.fields.Decimal):
    """A sum of money in an answer, which may be below 0 or larger than one amount can be."""

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **_: Any) -> Any:
        return written(value)


def written(value: Decimal | None) -> Any:
    """The JSON number of an amount of money."""
    return None if value is None else orjson.Fragment(f"{value:.2f}")


def _check(value: Decimal) -> None:
    if not 0 <= value <= MOST:
        code = "too_small" if value < 0 else "too_large"
        raise ma.ValidationError(_("Enter an amount from 0 to {max:,}.", code=code, max=MOST))
    if value.quantize(CENT) != value:
        raise ma.ValidationError(
            _("Enter an amount with at most two decimal places.", code="invalid_format")
        )
