"""Thousands of rows in each table that a list shows, so that the database chooses its plans."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.database import Model
from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.calendar.models import Event
from halolight.modules.documents.models import Document
from halolight.modules.files.models import File
from halolight.modules.notifications.models import Notification
from halolight.modules.orders.models import Order
from halolight.modules.products.models import Product
from halolight.modules.users.models import User

MANY = 5_000

Row = dict[str, Any]


def add_crowd(reader_id: int) -> None:
    """Add them, and let the database know. A fifth of the notifications is this reader's."""
    now = utcnow()
    times = [now - dt.timedelta(minutes=number) for number in range(MANY)]

    def add(model: type[Model], make: Callable[[int], Row]) -> None:
        rows = [{"created_at": time} | make(number) for number, time in enumerate(times)]
        if "updated_at" in sa.inspect(model).columns:
            rows = [row | {"updated_at": row["created_at"]} for row in rows]
        db.session.execute(sa.insert(model), rows)

    add(User, _person)
    first, last = db.session.execute(sa.select(sa.func.min(User.id), sa.func.max(User.id))).one()
    add(Document, lambda number: _document(number) | {"author_id": first})
    add(File, lambda number: _folder(number) | {"owner_id": first})
    # One a day: what lies within a year is few of them.
    add(Event, lambda n: _event(n, times[n] - dt.timedelta(days=n)) | {"owner_id": first})
    add(Order, _order)
    add(Product, _product)
    add(AuditEntry, _change)
    add(Notification, lambda n: _told(n, times[n]) | {"user_id": last if n % 5 else reader_id})
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()


def _person(number: int) -> Row:
    return {
        "email": f"person{number}@example.com",
        "username": f"person{number}",
        "name": f"Person {number}",
        "hashed_password": "!",
    }


def _document(number: int) -> Row:
    title = f"Document {number}"
    return {"title": title, "content": "text " * 20, "type": "plan", "version": 1}


def _folder(number: int) -> Row:
    return {"name": f"Folder {number}", "path": f"/Folder {number}", "type": "folder"}


def _event(number: int, start: dt.datetime) -> Row:
    kind = ("meeting", "task", "reminder", "holiday")[number % 4]
    return {
        "title": f"Event {number}",
        "type": kind,
        "status": "pending" if kind == "task" else None,
        "start": start,
        "end": start + dt.timedelta(hours=1),
        "version": 1,
    }


def _order(number: int) -> Row:
    return {
        "order_no": f"ORD-{number}",
        "customer": f"Customer {number}",
        "amount": Decimal(number),
    }


def _product(number: int) -> Row:
    return {
        "name": f"Product {number}",
        "category": "Light",
        "category_key": "light",
        "price": Decimal(number),
    }


def _change(number: int) -> Row:
    return {
        "actor_id": number % 50,
        "actor_name": "Ada",
        "action": f"users.{number % 20}",
        "target_type": f"kind{number % 20}",
        "target_id": str(number),
        "changes": {},
    }


def _told(number: int, time: dt.datetime) -> Row:
    return {"type": "user", "title": "Hello", "read_at": time if number % 10 else None}
