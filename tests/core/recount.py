"""What triggers keep of groups and sales, and the same counted row by row."""

from collections import Counter
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from halolight.core.db.base import Model
from halolight.core.db.counts import Counted
from halolight.core.db.groups import GroupCount
from halolight.extensions import db
from halolight.modules.files.models import File
from halolight.modules.orders.models import SOLD, Order, OrderItem, ProductSales
from tests.contract.operations import application

SUMMED = {"files.type": File.size, "orders.status": Order.amount}


def grouped() -> list[tuple[Any, str]]:
    with application():
        models = [m.class_ for m in Model.registry.mappers if issubclass(m.class_, Counted)]
        return sorted(((m, c) for m in models for c in m.counted_by), key=str)


def kept() -> dict[str, dict[str, tuple[int, Any]]]:
    """What the triggers have: by group and value the number and the sum."""
    n, total = sa.func.sum(GroupCount.n), sa.func.sum(GroupCount.total)
    columns = (GroupCount.name, GroupCount.value, n, total)
    found: dict[str, dict[str, tuple[int, Any]]] = {}
    for name, value, number, summed in db.session.execute(
        sa.select(*columns).group_by(GroupCount.name, GroupCount.value)
    ):
        if number or summed:
            found.setdefault(name, {})[value] = (int(number), summed)
    return found


def counted() -> dict[str, dict[str, tuple[int, Any]]]:
    """The same, counted row by row."""
    found: dict[str, dict[str, tuple[int, Any]]] = {}
    for model, column in grouped():
        name = f"{model.__tablename__}.{column}"
        sums: dict[str, list[Any]] = {}
        for row in db.session.scalars(sa.select(model).execution_options(populate_existing=True)):
            value = row.created_at.date() if column == "created_on" else getattr(row, column)
            if value is not None:
                known = sums.setdefault(str(value), [0, 0])
                known[0] += 1
                known[1] += _summed(name, row)
        if sums:
            found[name] = {value: (n, total) for value, (n, total) in sums.items()}
    pieces = {category: (n, 0) for category, n in sold_pieces()[0].items()}
    return found | ({"order_items.category": pieces} if pieces else {})


def _summed(name: str, row: Any) -> Any:
    amount = getattr(row, SUMMED[name].key) if name in SUMMED else 0
    cents = isinstance(amount, Decimal) and db.engine.dialect.name == "sqlite"
    return int(amount * 100) if cents else amount


def sold_pieces() -> tuple[Counter[str], Counter[int], dict[int, Decimal]]:
    """By category, by product, and what was paid for these."""
    categories: Counter[str] = Counter()
    pieces: Counter[int] = Counter()
    revenue: dict[int, Decimal] = {}
    columns = (OrderItem.category, OrderItem.product_id, OrderItem.quantity, OrderItem.price)
    sold = sa.select(*columns).join(Order).where(Order.status.in_(SOLD))
    for category, product_id, quantity, price in db.session.execute(sold):
        categories[category or "Other"] += quantity
        if product_id is not None:
            pieces[product_id] += quantity
            revenue[product_id] = revenue.get(product_id, Decimal(0)) + quantity * price
    return categories, pieces, revenue


def kept_sales() -> dict[int, tuple[int, Decimal]]:
    rows = db.session.scalars(sa.select(ProductSales).execution_options(populate_existing=True))
    return {row.product_id: (-row.negative_pieces, row.revenue) for row in rows if row.revenue}


def assert_exact() -> None:
    db.session.expire_all()
    assert kept() == counted()
    _, pieces, revenue = sold_pieces()
    assert kept_sales() == {product: (pieces[product], revenue[product]) for product in pieces}
    db.session.rollback()
