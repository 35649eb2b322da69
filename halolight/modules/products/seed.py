"""The products of the demo."""

import datetime as dt
from decimal import Decimal
from random import Random

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.money import CENT
from halolight.extensions import db

from .models import Product

DEMO = "products"

# What is sold, and for how much.
PRODUCTS = {
    "Furniture": {
        "Standing desk": "549.00",
        "Office chair": "329.00",
        "Bookcase": "189.00",
        "Filing cabinet": "159.00",
        "Meeting table": "799.00",
    },
    "Lighting": {
        "Desk lamp": "49.90",
        "Floor lamp": "119.00",
        "Light panel": "89.50",
        "Motion sensor": "24.95",
    },
    "Electronics": {
        "27 inch monitor": "279.00",
        "Mechanical keyboard": "99.00",
        "Wireless mouse": "39.90",
        "USB-C dock": "149.00",
        "Headset": "129.00",
        "Webcam": "74.90",
    },
    "Stationery": {
        "Notebook, pack of five": "14.90",
        "Gel pens, pack of ten": "9.95",
        "Whiteboard": "84.00",
        "Desk organiser": "27.50",
        "Label printer": "69.00",
    },
    "Kitchen": {
        "Espresso machine": "449.00",
        "Coffee beans, 1 kg": "18.90",
        "Water carafe": "22.00",
        "Kettle": "59.00",
    },
}


def seed_demo(random: Random) -> int:
    """Add the demo's products where there is none yet."""
    if db.session.scalar(sa.select(Product.id).limit(1)):
        return 0
    offered = [
        (category, name, Decimal(price))
        for category, prices in PRODUCTS.items()
        for name, price in prices.items()
    ]
    for category, name, price in offered:
        added = utcnow() - dt.timedelta(days=random.randint(370, 500))
        db.session.add(
            Product(
                name=name,
                category=category,
                price=price,
                cost=(price * random.randint(48, 68) / 100).quantize(CENT),
                stock=random.randint(0, 240),
                created_at=added,
                updated_at=added,
            )
        )
    db.session.flush()
    return len(offered)
