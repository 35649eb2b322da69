"""The tables of orders."""

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.db.base import Identified, Model, Timestamped, choices
from halolight.core.db.counts import Counted
from halolight.core.db.folding import folded_text
from halolight.core.i18n import _
from halolight.core.money import NOTHING, Money

PENDING, PAID, SHIPPED, CANCELLED = STATUSES = ("pending", "paid", "shipped", "cancelled")
# What they are called in messages.
STATUS_NAMES = {
    PENDING: _("pending"),
    PAID: _("paid"),
    SHIPPED: _("shipped"),
    CANCELLED: _("cancelled"),
}
SOLD = (PAID, SHIPPED)
NEXT = {PENDING: {PAID, CANCELLED}, PAID: {SHIPPED, CANCELLED}, SHIPPED: set(), CANCELLED: set()}


class Order(Identified, Timestamped, Counted, Model):
    """What a customer has ordered: `amount` is what they pay, `cost` what it costs the seller."""

    __tablename__ = "orders"
    counted_by = ("status",)
    __table_args__ = (
        choices("status", *STATUSES),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "amount", "id"),
        sa.Index(None, "status", "created_at", "id"),
    )

    order_no: Mapped[str] = mapped_column(sa.String(20), unique=True)
    customer: Mapped[str] = mapped_column(sa.String(200))
    customer_key: Mapped[str | None] = folded_text("customer")
    amount: Mapped[Decimal] = mapped_column(default=NOTHING)
    cost: Mapped[Decimal] = mapped_column(default=NOTHING)
    status: Mapped[str] = mapped_column(sa.String(10), default=PENDING)
    paid_at: Mapped[dt.datetime | None] = mapped_column()


class OrderItem(Identified, Model):
    """Some of one product in an order, with what the product was when it was ordered."""

    __tablename__ = "order_items"
    __table_args__ = (sa.Index(None, "order_id", "id"), sa.Index(None, "product_id"))

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id", ondelete="CASCADE"))
    product_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("products.id", ondelete="SET NULL")
    )
    name: Mapped[str] = mapped_column(sa.String(200))
    category: Mapped[str | None] = mapped_column(sa.String(100))
    quantity: Mapped[int] = mapped_column()
    price: Mapped[Decimal] = mapped_column()
    cost: Mapped[Decimal] = mapped_column(default=NOTHING)


class OrderNumber(Model):
    """The last number that an order of this year has got."""

    __tablename__ = "order_numbers"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column()


class DailySales(Model):
    """The orders that were made on a day (UTC), in sums.

    Triggers, made by the migration, keep them in the transaction of each change of an order: they
    are exact, and a year of sales is read from few rows, however many orders there are. A day may
    have several, so that few writers wait for one.
    """

    __tablename__ = "daily_sales"

    date: Mapped[dt.date] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    orders: Mapped[int] = mapped_column()
    sold: Mapped[int] = mapped_column()  # those of them that were paid and not cancelled
    revenue: Mapped[Decimal] = mapped_column(Money(20))  # what was paid for these
    profit: Mapped[Decimal] = mapped_column(Money(20))


class ProductSales(Model):
    """The pieces of a product in orders that were paid or shipped, and what was paid for them.

    Triggers keep them, too. There is one row for each product, so that an index has those that
    sell best first: two transactions that sell the same product wait for each other.
    """

    __tablename__ = "product_sales"
    __table_args__ = (sa.Index(None, "negative_pieces", "product_id"),)

    product_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # What sells best comes first in ascending order, as in an index on two columns.
    negative_pieces: Mapped[int] = mapped_column(sa.BigInteger)
    revenue: Mapped[Decimal] = mapped_column(Money(20))
