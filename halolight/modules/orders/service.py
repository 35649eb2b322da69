"""What can be done with orders. Each change is one transaction."""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.listing import Page
from halolight.core.errors import Conflict
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.audit import trail

from . import items, queries
from .models import NEXT, PAID, PENDING, SOLD, STATUS_NAMES, Order, OrderItem, OrderNumber
from .queries import ORDERS


def list_orders(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    page = ORDERS.page(user, queries.ORDER_LISTING, query)
    return dc.replace(page, items=queries.with_items(page.items))


def get_order(user: CurrentUser, order_id: int) -> dict[str, Any]:
    orders = queries.with_items(ORDERS.rows(user, queries.ORDER, order_id))
    return orders[0]


def create_order(user: CurrentUser, data: dict[str, Any]) -> dict[str, Any]:
    lines = items.make_items(data.pop("items", []))
    figures = items.figures(lines, data)
    now = utcnow()
    order = Order(**({"status": PENDING} | data | figures), created_at=now)
    order.order_no = next_number(now.year)
    if order.status in SOLD:
        order.paid_at = now
    db.session.add(order)
    db.session.flush()  # the items carry its id
    _add_items(order, lines)
    trail.record(user, "orders.create", order, items=(None, items.described(lines)))
    db.session.commit()
    return get_order(user, order.id)


def update_order(user: CurrentUser, order_id: int, changes: dict[str, Any]) -> dict[str, Any]:
    """Change an order. Its items and amount can only change while it is pending."""
    [order] = ORDERS.lock(user, [order_id], to="edit")
    with db.session.no_autoflush:  # all changes in one UPDATE
        unseen = _change_figures(order, changes)
        _set_status(order, changes.pop("status", order.status))
        order.assign(changes)
    trail.record(user, "orders.update", order, **unseen)
    db.session.commit()
    return get_order(user, order_id)


def delete_order(user: CurrentUser, order_id: int) -> None:
    [order] = ORDERS.lock(user, [order_id], to="delete")
    db.session.delete(order)
    trail.record(user, "orders.delete", order)
    db.session.commit()


def next_number(year: int) -> str:
    """The next number of the year. Without gaps, so concurrent orders wait for each other."""
    counting = db.insert(OrderNumber).values(year=year, last=1)
    counting = counting.on_conflict_do_update(
        index_elements=["year"], set_={"last": OrderNumber.last + 1}
    )
    number = db.session.scalar(counting.returning(OrderNumber.last))
    return f"ORD-{year}-{number:06}"


def _change_figures(order: Order, changes: dict[str, Any]) -> dict[str, trail.Values]:
    """Take items, amount and cost out of the changes and set them; answers with both sets of items.

    Raises `Conflict` if they are others than before and the order is not pending any more.
    """
    given = changes.pop("items", None)
    sent: dict[str, Any] = {
        name: changes.pop(name) for name in ("amount", "cost") if name in changes
    }
    former = db.session.scalars(
        sa.select(OrderItem).filter_by(order_id=order.id).order_by(OrderItem.id)
    ).all()
    lines = former if given is None else items.make_items(given)
    replaced = not items.same(former, lines)
    if replaced:
        sent = items.figures(lines, sent)
    elif former:
        sent.pop("amount", None)  # it follows from the items
    changed = replaced or any(getattr(order, name) != value for name, value in sent.items())
    if changed and order.status != PENDING:
        raise Conflict(
            _(
                "The amount of an order with the status {status} cannot change.",
                status=STATUS_NAMES[order.status],
            )
        )
    order.assign(sent)
    if not replaced:
        return {}
    db.session.execute(sa.delete(OrderItem).filter_by(order_id=order.id))
    _add_items(order, lines)
    order.updated_at = utcnow()
    return {"items": (items.described(former), items.described(lines))}


def _add_items(order: Order, lines: Sequence[OrderItem]) -> None:
    for line in lines:
        line.order_id = order.id
    db.session.add_all(lines)


def _set_status(order: Order, status: str) -> None:
    if status == order.status:
        return
    if status not in NEXT[order.status]:
        raise Conflict(
            _(
                "The status of an order cannot change from {before} to {after}.",
                before=STATUS_NAMES[order.status],
                after=STATUS_NAMES[status],
            )
        )
    order.status = status
    if status == PAID:
        order.paid_at = utcnow()
