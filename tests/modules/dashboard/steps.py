"""What the tests of the dashboard do again and again."""

import datetime as dt
from decimal import Decimal
from typing import Any

from flask import Flask

from halolight.extensions import db
from halolight.modules.files.models import File
from halolight.modules.orders.models import Order
from tests.api_client import ApiClient

STATS = "/api/dashboard/stats"
NOON = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)


def stats(client: ApiClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(STATS)
    return found


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, float]:
    """What has changed, and by how much."""
    changes = {key: round(after[key] - before[key], 2) for key in after}
    return {key: change for key, change in changes.items() if change}


def add_file(app: Flask, owner_id: int | None, size: int = 10, **fields: Any) -> int:
    """The row of a file, without its bytes; answers with its id."""
    with app.app_context():
        name = f"{db.session.query(File).count()}.txt"
        given = {"name": name, "path": f"/{name}", "type": "document"} | fields
        file = File(owner_id=owner_id, size=size, **given)
        db.session.add(file)
        db.session.commit()
        return file.id


def add_order(app: Flask, day: str, amount: str, cost: str = "0", status: str = "paid") -> None:
    """An order that was made on a day."""
    created = dt.datetime.fromisoformat(f"{day}T08:00:00+00:00")
    with app.app_context():
        number = f"N{db.session.query(Order).count()}"
        order = Order(
            order_no=number,
            customer="Ada",
            amount=Decimal(amount),
            cost=Decimal(cost),
            status=status,
            created_at=created,
        )
        db.session.add(order)
        db.session.commit()
