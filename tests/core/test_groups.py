"""The rows with each value that triggers count are those that are there, whatever has happened."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.db.groups import GroupCount, group_count, prune_counts
from halolight.extensions import db
from halolight.modules.calendar.models import Event
from halolight.modules.documents.models import Document
from halolight.modules.files.models import File
from halolight.modules.orders.models import (
    STATUSES,
    DailySales,
    Order,
    OrderItem,
)
from halolight.modules.products.models import Product
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.contract.statements import engine
from tests.core.recount import assert_exact, counted, kept, kept_sales, sold_pieces
from tests.factories import Factory

CONNECTIONS, ROUNDS = 6, 15


class Shop:
    """Random changes, by the API and by SQL, of everything that is counted."""

    def __init__(self, random: Random, client: ApiClient) -> None:
        self.random, self.client, self.number = random, client, 0
        self.products = [self._new_product(n) for n in range(4)]

    def _new_product(self, number: int) -> int:
        body = {"name": f"Lamp {number}", "category": "LD"[number % 2], "price": number + 0.5}
        product: int = self.client.post("/api/products", json=body)["id"]
        return product

    def order(self) -> None:
        items = [
            {"productId": self.random.choice(self.products), "quantity": self.random.randint(1, 3)}
            for _ in range(self.random.randint(1, 3))
        ]
        # Each product once, as the API asks for.
        once = list({item["productId"]: item for item in items}.values())
        status = self.random.choice(STATUSES[:3])
        self.client.post("/api/orders", json={"customer": "A", "items": once, "status": status})

    def items_by_sql(self) -> None:
        """Items of any order, changed without the API."""
        ids = db.session.scalars(sa.select(Order.id)).all()
        products = [*db.session.scalars(sa.select(Product.id)), None]
        if not ids:
            return
        item = {"name": "x", "category": None, "quantity": 2, "price": Decimal("1.10")}
        many = [
            item | {"order_id": self.random.choice(ids), "product_id": self.random.choice(products)}
            for _ in range(5)
        ]
        db.session.execute(sa.insert(OrderItem), many)
        third = OrderItem.id % 3 == self.random.randrange(3)
        changed = {"quantity": OrderItem.quantity + 1, "order_id": self.random.choice(ids)}
        db.session.execute(sa.update(OrderItem).where(third).values(changed))
        db.session.execute(sa.delete(OrderItem).where(OrderItem.id % 7 == self.random.randrange(7)))

    def orders_by_sql(self) -> None:
        third = Order.id % 3 == self.random.randrange(3)
        changed = {"status": self.random.choice(STATUSES), "amount": Order.amount + Decimal("0.01")}
        db.session.execute(sa.update(Order).where(third).values(changed))
        seventh = Order.id % 7 == self.random.randrange(7)
        db.session.execute(sa.delete(Order).where(seventh))

    def product_goes(self) -> None:
        if len(self.products) > 1:
            gone = self.products.pop(self.random.randrange(len(self.products)))
            self.client.delete(f"/api/products/{gone}")

    def documents(self) -> None:
        kind = self.random.choice(["note", "Note", "plan"])
        body = {"title": "T", "type": kind}
        id_ = self.client.post("/api/documents", json=body)["id"]
        if self.random.random() < 0.3:
            self.client.put(f"/api/documents/{id_}", json={"type": "other"})
        if self.random.random() < 0.3:
            self.client.delete(f"/api/documents/{id_}")
        moved = dt.datetime(2026, 3, self.random.randint(1, 5), 23, 59, tzinfo=dt.UTC)
        third = Document.id % 3 == self.random.randrange(3)
        db.session.execute(sa.update(Document).where(third).values(created_at=moved))

    def files(self) -> None:
        self.number += 1
        name = f"f{self.number}"
        rows = [{"name": name, "path": f"/{name}", "size": self.number, "type": "image"}]
        db.session.execute(sa.insert(File), [row | {"owner_id": self._user()} for row in rows])
        third = File.id % 3 == self.random.randrange(3)
        changed = {"type": self.random.choice(["image", "folder"]), "size": File.size * 2}
        db.session.execute(sa.update(File).where(third).values(changed))

    def users(self) -> None:
        self.number += 1
        body = {"email": f"u{self.number}@example.com", "name": "U"}
        id_ = self.client.post("/api/users", json=body)["id"]
        if self.random.random() < 0.4:
            self.client.put(f"/api/users/{id_}", json={"status": "SUSPENDED", "role": "guest"})
        if self.random.random() < 0.3:
            self.client.delete(f"/api/users/{id_}")

    def events(self) -> None:
        moment = {"start": "2026-11-27T10:00:00Z", "end": "2026-11-27T11:00:00Z"}
        self.client.post("/api/calendar/events", json={"title": "E"} | moment)
        third = Event.id % 3 == self.random.randrange(3)
        db.session.execute(sa.update(Event).where(third).values(owner_id=None))

    def _user(self) -> int:
        return self.random.choice(db.session.scalars(sa.select(User.id)).all())


@pytest.mark.parametrize("seed", ["a", "b"])
def test_all_figures_are_exact_after_whatever_happens(
    app: Flask, super_admin: ApiClient, seed: str
) -> None:
    random = Random(seed)
    shop = Shop(random, super_admin)
    steps = (
        *(shop.order, shop.order, shop.items_by_sql, shop.orders_by_sql, shop.documents),
        *(shop.files, shop.users, shop.events, shop.product_goes),
    )
    with app.app_context():
        for number in range(60):
            random.choice(steps)()
            db.session.rollback() if number % 10 == 3 else db.session.commit()
            if number % 10 == 0:
                assert_exact()
        assert_exact()
        assert {name.partition(".")[0] for name in kept()} == {
            *("users", "documents", "files", "events", "orders", "order_items", "products")
        }


class TestDeletion:
    def test_of_sold_orders_takes_their_pieces_away(self, app: Flask, admin: ApiClient) -> None:
        """The items go before the order, while the triggers still know that it was sold."""
        shop = Shop(Random("x"), admin)
        body = {"customer": "A", "items": [{"productId": shop.products[0], "quantity": 3}]}
        for status in ("paid", "pending", "shipped"):
            admin.post("/api/orders", json=body | {"status": status})
        with app.app_context():
            assert sold_pieces()[1] == {shop.products[0]: 6}
            db.session.execute(sa.delete(Order))
            db.session.commit()

            assert_exact()
            assert kept_sales() == {}

    @pytest.mark.database("postgresql")
    @pytest.mark.parametrize("table", ["orders", "users", "files", "documents", "order_items"])
    def test_of_all_by_truncate(self, app: Flask, super_admin: ApiClient, table: str) -> None:
        shop = Shop(Random("y"), super_admin)
        with app.app_context():
            for step in (shop.order, shop.items_by_sql, shop.documents, shop.files):
                step()
                db.session.commit()
            db.session.execute(sa.text(f"TRUNCATE {table} CASCADE"))

            assert_exact()
            db.session.rollback()


def test_a_renamed_role_keeps_its_users(app: Flask, make: Factory) -> None:
    make.user(role="guest")
    with app.app_context():
        db.session.execute(sa.text("UPDATE roles SET name = 'visitor' WHERE name = 'guest'"))

        assert kept()["users.role"]["visitor"] == (1, 0)
        assert kept() == counted()
        db.session.rollback()


class TestGroupCount:
    def test_is_for_one_comparison_of_a_counted_column(self) -> None:
        status = sa.bindparam("status", type_=sa.String)

        assert group_count(User, User.status == status) is not None
        assert group_count(User, User.status != status) is not None
        assert group_count(Document, Document.author_id == sa.bindparam("id")) is not None
        assert group_count(User, User.status > status) is None
        assert group_count(User, User.status.is_(None)) is None
        assert group_count(User, User.name == status) is None
        assert group_count(User, User.status == User.role) is None
        assert group_count(Order, User.status == status) is None

    def test_of_a_number_compares_it_as_a_text(self, app: Flask, make: Factory) -> None:
        author = make.client()
        for number in range(3):
            author.post("/api/documents", json={"title": f"{number}"})
        condition = Document.author_id == sa.bindparam("author_id", type_=sa.Integer)
        statement = group_count(Document, condition)
        assert statement is not None
        with app.app_context():
            for _ in range(7):  # from the fifth time on PostgreSQL has it prepared
                assert db.value(statement, author_id=author.user_id) == 3


class TestPruning:
    def test_deletes_counters_of_values_that_are_gone(self, app: Flask, user: ApiClient) -> None:
        for kind in ("gone", "kept"):
            id_ = user.post("/api/documents", json={"title": "T", "type": kind})["id"]
            user.put(f"/api/documents/{id_}", json={"type": "kept"})

        result = app.test_cli_runner().invoke(args=["counts", "prune"])

        assert int(result.output.split()[1]) >= 2  # as a type, and folded
        with app.app_context():
            assert "gone" not in db.session.scalars(sa.select(GroupCount.value)).all()
            assert_exact()

    @pytest.mark.database("postgresql")
    def test_leaves_what_is_being_changed(
        self, app: Flask, user: ApiClient, connections: list[sa.Connection]
    ) -> None:
        """The numbers stay exact, although the values had none when the command looked."""
        id_ = user.post("/api/documents", json={"title": "T", "type": "gone"})["id"]
        user.delete(f"/api/documents/{id_}")
        text = {"title": "T", "content": "", "type": "gone", "version": 1}
        with app.app_context():
            connections[0].execute(sa.insert(Document).values(text))
            prune_counts(db.session())
            connections[0].commit()
            prune_counts(db.session())

            assert kept()["documents.type"] == {"gone": (1, 0)}
            assert_exact()

    def test_keeps_what_different_connections_have_counted(self, app: Flask) -> None:
        counters = [
            {"name": "x.y", "value": value, "slot": slot, "n": n, "total": 0}
            for value, slot, n in (("a", 0, 2), ("a", 1, -2), ("b", 0, 2), ("b", 1, -1))
        ]
        with app.app_context():
            db.session.execute(sa.insert(GroupCount), counters)
            db.session.commit()
            prune_counts(db.session())
            left = db.session.scalars(
                sa.select(GroupCount.value).filter_by(name="x.y").order_by(GroupCount.slot)
            ).all()
            db.session.execute(sa.delete(GroupCount).filter_by(name="x.y"))
            db.session.commit()

        assert left == ["b", "b"]


@pytest.fixture
def connections(app: Flask) -> Iterator[list[sa.Connection]]:
    opened = [engine(app).connect() for _ in range(CONNECTIONS)]
    yield opened
    for connection in opened:
        connection.close()


@pytest.mark.slow
@pytest.mark.database("postgresql")
class TestConcurrentWriters:
    def test_lose_no_change(
        self, app: Flask, admin: ApiClient, connections: list[sa.Connection]
    ) -> None:
        """Of orders that are sold and given up while others change their items."""
        shop = Shop(Random("z"), admin)
        for _ in range(10):
            shop.order()

        def work(connection: sa.Connection) -> None:
            random = Random(id(connection))
            for _ in range(ROUNDS):
                order_id = random.choice(ids)
                item = {"order_id": order_id, "product_id": random.choice(shop.products)}
                with connection.begin():
                    if random.random() < 0.5:
                        changed = {"status": random.choice(STATUSES)}
                        one = sa.update(Order).where(Order.id == order_id)
                        connection.execute(one.values(changed))
                    else:
                        values = item | {"name": "x", "quantity": 1, "price": Decimal(2)}
                        connection.execute(sa.insert(OrderItem).values(values))
                with connection.begin():
                    third = OrderItem.id % 30 == random.randrange(30)
                    mine = OrderItem.order_id == order_id
                    connection.execute(sa.delete(OrderItem).where(third, mine))

        with app.app_context():
            ids = db.session.scalars(sa.select(Order.id)).all()
            db.session.commit()
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                list(pool.map(work, connections))

            assert_exact()

    def test_do_not_wait_for_each_other(
        self, app: Flask, make: Factory, connections: list[sa.Connection]
    ) -> None:
        """Two of them may share a slot, but not all."""
        text = {"title": "Plan", "content": "text", "type": "plan", "version": 1}
        with app.app_context():
            for connection in connections:
                connection.begin()
                connection.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
            waited = 0
            for connection in connections:
                try:
                    connection.execute(sa.insert(Document).values(text))
                except sa.exc.OperationalError:
                    waited += 1
        assert waited < CONNECTIONS - 1


VERSIONS = sa.text(
    "SELECT n_tup_ins + n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'daily_sales'"
)


@pytest.mark.database("postgresql")
def test_a_statement_changes_a_day_once(app: Flask) -> None:
    """However many orders it has: each change of a row leaves a dead one behind."""
    with app.app_context():
        many = [{"order_no": f"N{n}", "customer": "A", "status": "paid"} for n in range(200)]
        before = db.session.scalar(VERSIONS)  # of what is not reported yet
        db.session.execute(sa.insert(Order), many[:1])
        db.session.execute(sa.insert(Order), many[1:])
        versions = db.session.scalar(VERSIONS) - before
        days = db.session.scalars(sa.select(DailySales.orders)).all()
        db.session.rollback()

    assert versions <= 2
    assert sum(days) == 200
