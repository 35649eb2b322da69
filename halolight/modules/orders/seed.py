"""The orders of the demo: a year in which business grows, with its seasons and its weekends."""

import datetime as dt
from collections.abc import Sequence
from random import Random

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.products.models import Product

from . import items
from .models import CANCELLED, PAID, PENDING, SHIPPED, SOLD, Order, OrderItem
from .service import next_number

DEMO = "orders"
AFTER = ("products",)

DAYS = 365
A_DAY = 1.1  # orders at the beginning
GROWTH = 1.4  # how much more by the end
SEASONS = (0.9, 0.85, 1.0, 1.0, 1.05, 0.95, 0.75, 0.7, 1.05, 1.1, 1.4, 1.6)  # by month
WEEK = (1.2, 1.25, 1.2, 1.1, 1.05, 0.6, 0.45)  # from Monday on
LATEST = (PENDING, PAID, SHIPPED, PENDING, PAID, CANCELLED)  # the newest orders, every status
CUSTOMERS = (
    "Northwind Traders", "Alder & Finch", "Blue Harbor Logistics", "Studio Miró", "Kestrel Labs",
    "Brightwater Clinic", "Hansen Arkitekter", "Lindgren Foods", "Café Zentral", "Tanaka Design",
    "Green Valley School", "Moreau et Fils", "Peak Outdoor", "Silverline Trust", "Atelier Novak",
    "Harborview Hotel", "Quantum Print", "Riverside Library", "Costa & Costa", "Ironbridge Media",
)  # fmt: skip


def seed_demo(random: Random) -> int:
    """Add the demo's orders where there is none yet."""
    if db.session.scalar(sa.select(Order.id).limit(1)):
        return 0
    products = db.session.scalars(sa.select(Product).order_by(Product.id)).all()
    now = utcnow()
    moments = sorted(
        now - dt.timedelta(days=ago, minutes=random.randint(1, 600))
        for ago in range(DAYS)
        for _ in range(_orders_on(random, now - dt.timedelta(days=ago), ago))
    )
    orders = [_order(random, moment, now) for moment in moments]
    for order, status in zip(reversed(orders), LATEST, strict=False):
        _set_status(order, status)
    lines = [_items(random, products) for _ in orders]
    for order, its in zip(orders, lines, strict=True):
        order.assign(items.figures(its, {}))
    db.session.add_all(orders)
    db.session.flush()
    for order, its in zip(orders, lines, strict=True):
        for item in its:
            item.order_id = order.id
        db.session.add_all(its)
    db.session.flush()
    return len(orders)


def _orders_on(random: Random, day: dt.datetime, ago: int) -> int:
    """The expected number, with the rest of it as a chance of one more."""
    grown = 1 + GROWTH * (DAYS - ago) / DAYS
    expected = A_DAY * grown * SEASONS[day.month - 1] * WEEK[day.weekday()]
    return int(expected + random.random())


def _order(random: Random, moment: dt.datetime, now: dt.datetime) -> Order:
    order = Order(
        order_no=next_number(moment.year),
        customer=random.choice(CUSTOMERS),
        created_at=moment,
        updated_at=moment,
    )
    _set_status(order, _status(random, (now - moment).days))
    return order


def _set_status(order: Order, status: str) -> None:
    order.status = status
    order.paid_at = order.created_at if status in SOLD else None


def _status(random: Random, days: int) -> str:
    """What lies back for long is shipped or cancelled; lately some wait."""
    if days > 10:
        return random.choice([SHIPPED] * 12 + [CANCELLED])
    return random.choice([PENDING, PENDING, PAID, PAID, PAID, SHIPPED, SHIPPED, CANCELLED])


def _items(random: Random, products: Sequence[Product]) -> list[OrderItem]:
    """Some different products; of what is cheap people take more."""
    chosen = random.sample(products, random.randint(1, min(4, len(products))))
    return [
        items.item_of(product, quantity=random.randint(1, 8 if product.price < 100 else 2))
        for product in chosen
    ]
