"""The table of products."""

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.db.base import Identified, Model, Timestamped
from halolight.core.db.counts import Counted
from halolight.core.db.folding import folded
from halolight.core.money import NOTHING


class Product(Identified, Timestamped, Counted, Model):
    """Something that is sold. `stock` is what people say it is: orders do not change it."""

    __tablename__ = "products"
    counted_by = ("category_key",)
    __table_args__ = (
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "name_key", "id"),
        sa.Index(None, "price", "id"),
        sa.Index(None, "stock", "id"),
        sa.Index(None, "category_key", "created_at", "id"),
    )

    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = folded("name", 400)
    category: Mapped[str] = mapped_column(sa.String(100))
    category_key: Mapped[str] = folded("category", 200)
    price: Mapped[Decimal] = mapped_column()
    cost: Mapped[Decimal] = mapped_column(default=NOTHING)  # what one costs us
    stock: Mapped[int] = mapped_column(default=0)
    image: Mapped[str | None] = mapped_column(sa.String(500))
