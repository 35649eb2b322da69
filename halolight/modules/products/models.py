"""The table of products."""

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, validates

from halolight.core.db.base import AUDIT_OMIT, Identified, Model, Timestamped
from halolight.core.db.counts import Counted
from halolight.core.money import NOTHING


class Product(Identified, Timestamped, Counted, Model):
    """Something that is sold. `stock` is what people say it is: orders do not change it."""

    __tablename__ = "products"
    __table_args__ = (
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "name", "id"),
        sa.Index(None, "price", "id"),
        sa.Index(None, "stock", "id"),
        sa.Index(None, "category_key", "created_at", "id"),
    )

    name: Mapped[str] = mapped_column(sa.String(200))
    category: Mapped[str] = mapped_column(sa.String(100))
    # In lower case, which can be longer: for comparison without case.
    category_key: Mapped[str] = mapped_column(sa.String(200), info=AUDIT_OMIT)
    price: Mapped[Decimal] = mapped_column()
    cost: Mapped[Decimal] = mapped_column(default=NOTHING)  # what one costs us
    stock: Mapped[int] = mapped_column(default=0)
    image: Mapped[str | None] = mapped_column(sa.String(500))

    @validates("category")
    def _set_category_key(self, _: str, category: str) -> str:
        self.category_key = category.lower()
        return category
