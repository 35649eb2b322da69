"""The demo's products, orders and visits: as many, and of the shape, that one would expect."""

import datetime as dt
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.extensions import db
from halolight.modules.dashboard import seed as visits
from halolight.modules.dashboard.models import DailyVisits
from halolight.modules.orders import seed as orders
from halolight.modules.orders.models import DailySales, Order, OrderItem
from halolight.modules.products import seed as products
from halolight.modules.products.models import Product
from tests.factories import Factory
from tests.modules.dashboard.steps import NOON
from tests.modules.orders.steps import order

COLUMNS = (Order.order_no, Order.customer, Order.amount, Order.cost, Order.status)
SUMS = ("sold", "revenue", "profit")
FRIDAY = 4


@pytest.fixture
def seeded(app: Flask) -> Flask:
    """The demo of one day."""
    with time_machine.travel(NOON, tick=False), app.app_context():
        added = [one.seed_demo(Random("demo")) for one in (products, orders, visits)]
        again = [one.seed_demo(Random("demo")) for one in (products, orders, visits)]
        db.session.commit()
    assert added[0] == 24
    assert 500 < added[1] < 900
    assert added[2] == 90
    assert again == [0, 0, 0]
    return app


def is_the_same_each_time(seeded: Flask) -> None:
    def rows() -> list[Any]:
        return list(db.session.execute(sa.select(*COLUMNS, Order.created_at).order_by(Order.id)))

    with time_machine.travel(NOON, tick=False), seeded.app_context():
        before = rows()
        for entity in (OrderItem, Order, Product):
            db.session.execute(sa.delete(entity))
        db.session.execute(sa.text("DELETE FROM order_numbers"))
        products.seed_demo(Random("demo"))
        orders.seed_demo(Random("demo"))

        assert rows() == before


def has_a_year_of_orders_that_grows(seeded: Flask) -> None:
    with seeded.app_context():
        sums = (sa.func.sum(getattr(DailySales, name)).label(name) for name in SUMS)
        by_day = sa.select(*sums).group_by(DailySales.date).order_by(DailySales.date)
        # A day of which all orders were deleted may keep its rows.
        days = db.session.execute(by_day.having(sa.func.sum(DailySales.orders) > 0)).all()
        times = db.session.scalars(sa.select(Order.created_at)).all()

    assert max(times) <= NOON
    assert min(times) > NOON - dt.timedelta(days=366)
    assert all(0 <= day.profit < day.revenue for day in days if day.sold)
    half = len(days) // 2
    assert sum(day.revenue for day in days[half:]) > 1.1 * float(
        sum(day.revenue for day in days[:half])
    )


def goes_on_with_the_numbers_of_the_year(seeded: Flask, make: Factory) -> None:
    with time_machine.travel(NOON, tick=False):
        number = order(make.client("admin"))["orderNo"]
    with seeded.app_context():
        last = db.session.scalar(sa.select(sa.func.max(Order.order_no)))

    assert number == last


def has_more_visits_on_weekdays(seeded: Flask) -> None:
    with seeded.app_context():
        days = db.session.scalars(sa.select(DailyVisits)).all()

    week = [day.visits for day in days if day.date.weekday() <= FRIDAY]
    weekend = [day.visits for day in days if day.date.weekday() > FRIDAY]
    assert min(week) > max(weekend)
    assert all(0 < day.unique_visitors < day.visits < day.page_views for day in days)


@pytest.mark.slow
def test_is_what_the_screens_need(subtests: pytest.Subtests, seeded: Flask, make: Factory) -> None:
    """In one case: to add it takes longer than to look at it."""
    for check in (
        has_a_year_of_orders_that_grows,
        has_more_visits_on_weekdays,
        is_the_same_each_time,
    ):
        with subtests.test(check.__name__):
            check(seeded)
    goes_on_with_the_numbers_of_the_year(seeded, make)
