"""The daily sums: whatever becomes of the orders, they are what a recount gives."""

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.orders.models import SOLD, STATUSES, DailySales, Order
from tests.contract.statements import is_postgresql

DAYS = [dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC) for day in (1, 2, 3) for hour in (0, 23)]
NOTHING = (0, 0, Decimal(0), Decimal(0))


def new_order(random: Random, number: int) -> Order:
    return Order(
        order_no=f"N{number}",
        customer="Ada",
        amount=Decimal(random.randrange(100_000)) / 100,
        cost=Decimal(random.randrange(50_000)) / 100,
        status=random.choice(STATUSES),
        created_at=random.choice(DAYS),
    )


def recounted() -> dict[dt.date, Any]:
    days: dict[dt.date, Any] = {}
    for order in db.session.scalars(sa.select(Order)):
        orders, sold, revenue, profit = days.get(order.created_at.date(), NOTHING)
        counts = order.status in SOLD
        days[order.created_at.date()] = [
            orders + 1,
            sold + counts,
            revenue + counts * order.amount,
            profit + counts * (order.amount - order.cost),
        ]
    return days


def kept() -> dict[dt.date, Any]:
    columns = (DailySales.orders, DailySales.sold, DailySales.revenue, DailySales.profit)
    sums = [sa.type_coerce(sa.func.sum(column), column.type) for column in columns]
    days = db.session.execute(sa.select(DailySales.date, *sums).group_by(DailySales.date))
    return {date: values for date, *values in map(tuple, days) if values != [*NOTHING]}


def test_are_exact_after_whatever_happens(app: Flask) -> None:
    random = Random("sums")
    with app.app_context():
        for number in range(150):
            orders = db.session.scalars(sa.select(Order).order_by(Order.id)).all()
            match random.choice(["add", "add", "add", "change", "move", "delete"]):
                case "add":
                    db.session.add(new_order(random, number))
                case "change" if orders:
                    order = random.choice(orders)
                    order.status = random.choice(STATUSES)
                    order.amount += Decimal("0.01")
                case "move" if orders:
                    random.choice(orders).created_at = random.choice(DAYS)
                case "delete" if orders:
                    db.session.delete(random.choice(orders))
            if number % 10 == 3:
                db.session.rollback()
            db.session.commit()

        assert len(recounted()) == 3
        assert kept() == recounted()


def test_are_exact_after_changes_of_many_at_once(app: Flask) -> None:
    random = Random("many")
    with app.app_context():
        db.session.add_all(new_order(random, number) for number in range(40))
        db.session.execute(sa.update(Order).where(Order.id % 2 == 0).values(status="paid"))
        db.session.execute(sa.delete(Order).where(Order.amount > 700))
        db.session.commit()
        assert kept() == recounted() != {}

        clear = "TRUNCATE orders CASCADE" if is_postgresql(app) else "DELETE FROM orders"
        db.session.execute(sa.text(clear))
        db.session.commit()
        assert kept() == {}
