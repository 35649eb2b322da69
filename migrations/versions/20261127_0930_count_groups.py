"""count groups, pieces sold, and sales in slots"""

import sqlalchemy as sa
from alembic import op

from halolight.core.db.group_triggers import (
    SLOT,
    Group,
    begin_grouping,
    changed_rows,
    drop_triggers,
    end_grouping,
    statement_triggers,
)

revision = 'c47a92e5d810'
down_revision = 'b81d6f20c9a4'
branch_labels = None
depends_on = None

CREATED = Group("created_on")
GROUPS = {
    "users": (Group("status"), Group("role"), CREATED),
    "documents": (Group("type"), Group("type_key"), Group("author_id"), CREATED),
    "files": (Group("type", total="size"), Group("owner_id")),
    "events": (Group("owner_id"),),
    "orders": (Group("status", total="amount"),),
    "products": (Group("category_key"),),
}
money = sa.Numeric(20, 2).with_variant(sa.BigInteger(), "sqlite")

# What a row of orders adds to its day: its money only when it was paid and not cancelled.
DAY = {"postgresql": "({row}created_at AT TIME ZONE 'UTC')::date", "sqlite": "date({row}created_at)"}
SOLD = "{row}status IN ('paid', 'shipped')"
SALES = "date, orders, sold, revenue, profit"
FIGURES = f"""1 AS orders, CASE WHEN {SOLD} THEN 1 ELSE 0 END AS sold,
CASE WHEN {SOLD} THEN {{row}}amount ELSE 0 END AS revenue,
CASE WHEN {SOLD} THEN {{row}}amount - {{row}}cost ELSE 0 END AS profit"""
ADD_SALES = """ON CONFLICT (date, slot) DO UPDATE SET orders = daily_sales.orders + EXCLUDED.orders,
sold = daily_sales.sold + EXCLUDED.sold, revenue = daily_sales.revenue + EXCLUDED.revenue,
profit = daily_sales.profit + EXCLUDED.profit;"""
SUMS = """sum(sign * orders) AS orders, sum(sign * sold) AS sold,
sum(sign * revenue) AS revenue, sum(sign * profit) AS profit"""

# What the items of sold orders add to the pieces of their products and categories.
ADD_PIECES = """ON CONFLICT (product_id) DO UPDATE
SET negative_pieces = product_sales.negative_pieces + EXCLUDED.negative_pieces,
revenue = product_sales.revenue + EXCLUDED.revenue"""
ADD_CATEGORY = """ON CONFLICT (name, value, slot) DO UPDATE SET n = group_counts.n + EXCLUDED.n"""
ITEM = "order_id, product_id, category, quantity, price"


def upgrade() -> None:
    op.create_index('ix_documents_author_id_created_at', 'documents', ['author_id', 'created_at'])
    op.create_table('group_counts',
    sa.Column('name', sa.String(length=63), nullable=False),
    sa.Column('value', sa.String(length=400), nullable=False),
    sa.Column('slot', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.Column('total', money, nullable=False),
    sa.PrimaryKeyConstraint('name', 'value', 'slot', name=op.f('pk_group_counts'))
    )
    op.create_table('product_sales',
    sa.Column('product_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('negative_pieces', sa.BigInteger(), nullable=False),
    sa.Column('revenue', money, nullable=False),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_product_sales'))
    )
    op.create_index('ix_product_sales_negative_pieces_product_id', 'product_sales', ['negative_pieces', 'product_id'])
    for table, groups in GROUPS.items():
        begin_grouping(op.get_bind(), table, groups)
    _sum_per_day(slotted=True)
    _sum_pieces()


def downgrade() -> None:
    postgresql = _postgresql()
    for table in ("order_items", "orders"):
        drop_triggers(op.get_bind(), table, "sell")
    if postgresql:
        op.execute("DROP FUNCTION sell_items()")
        op.execute("DROP FUNCTION sell_orders()")
        op.execute("DROP FUNCTION delete_items() CASCADE")
    else:
        op.execute("DROP TRIGGER delete_items")
    _sum_per_day(slotted=False)
    for table in GROUPS:
        end_grouping(op.get_bind(), table)
    op.drop_table('product_sales')
    op.drop_table('group_counts')
    op.drop_index('ix_documents_author_id_created_at', table_name='documents')


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _day(row: str = "") -> str:
    return DAY[op.get_bind().dialect.name].format(row=row)


def _sum_per_day(*, slotted: bool) -> None:
    """Make `daily_sales` anew, from the orders, with its triggers."""
    for name in ("sum_orders", "sum_orders_truncate") if _postgresql() else ():
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON orders")
    drop_triggers(op.get_bind(), "orders", "sum")
    if _postgresql():
        op.execute("DROP FUNCTION sum_daily_sales()")
    op.drop_table('daily_sales')
    slot = [sa.Column('slot', sa.Integer(), autoincrement=False, nullable=False)] if slotted else []
    op.create_table('daily_sales',
    sa.Column('date', sa.Date(), nullable=False),
    *slot,
    sa.Column('orders', sa.Integer(), nullable=False),
    sa.Column('sold', sa.Integer(), nullable=False),
    sa.Column('revenue', money, nullable=False),
    sa.Column('profit', money, nullable=False),
    sa.PrimaryKeyConstraint('date', *(column.name for column in slot), name=op.f('pk_daily_sales'))
    )
    figures = f"SELECT 1 AS sign, {_day()} AS date, {FIGURES.format(row='')} FROM orders"
    names, values = (", slot", ", 0 AS slot") if slotted else ("", "")
    op.execute(f"""
        INSERT INTO daily_sales ({SALES}{names})
        SELECT date, {SUMS}{values} FROM ({figures}) AS r GROUP BY date""")
    if not slotted:
        _former_triggers()
    elif _postgresql():
        _sum_statements()
    else:
        _sum_rows("date, slot", ", 0")


def _sum_statements() -> None:
    """On PostgreSQL: each statement changes the row of a day once, however many orders it has."""
    def adding(rows: str) -> str:
        figures = f"SELECT sign, {_day()} AS date, {FIGURES.format(row='')} FROM ({rows}) AS r"
        return f"""
            INSERT INTO daily_sales ({SALES}, slot)
            SELECT {SALES}, {SLOT} FROM (
                SELECT date, {SUMS} FROM ({figures}) AS figures GROUP BY date
            ) AS sums
            WHERE (orders, sold, revenue, profit) <> (0, 0, 0, 0)
            ORDER BY date {ADD_SALES}"""
    changed = changed_rows("created_at, status, amount, cost")
    op.execute(f"""
        CREATE FUNCTION sum_daily_sales() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {_branches({event: adding(rows) for event, rows in changed.items()})}
            IF TG_OP = 'TRUNCATE' THEN DELETE FROM daily_sales; END IF;
            RETURN NULL;
        END $$""")
    for trigger in statement_triggers("orders", "sum", "sum_daily_sales"):
        op.execute(trigger)


def _branches(by_event: dict[str, str]) -> str:
    return " ".join(f"IF TG_OP = '{event}' THEN {do} END IF;" for event, do in by_event.items())


def _sum_rows(key: str, slot: str) -> None:
    """On SQLite."""
    def adding(row: str, sign: str) -> str:
        figures = FIGURES.format(row=f"{row}.")
        return f"""
            INSERT INTO daily_sales ({SALES}{', slot' if slot else ''})
            SELECT date, {sign}orders, {sign}sold, {sign}revenue, {sign}profit{slot}
            FROM (SELECT {_day(f'{row}.')} AS date, {figures}) WHERE true
            {ADD_SALES.replace('date, slot', key)}"""
    added, taken = adding("NEW", ""), adding("OLD", "-")
    op.execute(f"CREATE TRIGGER sum_orders_insert AFTER INSERT ON orders BEGIN {added} END")
    op.execute(f"CREATE TRIGGER sum_orders_delete AFTER DELETE ON orders BEGIN {taken} END")
    op.execute(f"""
        CREATE TRIGGER sum_orders_update AFTER UPDATE OF status, amount, cost, created_at ON orders
        BEGIN {taken} {added} END""")


def _former_triggers() -> None:
    """For each row, on both databases."""
    if not _postgresql():
        return _sum_rows("date", "")
    sales = ADD_SALES.replace("date, slot", "date")
    added, taken = (
        f"""INSERT INTO daily_sales ({SALES})
        SELECT {_day(f'{row}.')}, {sign} * orders, {sign} * sold, {sign} * revenue, {sign} * profit
        FROM (SELECT {FIGURES.format(row=f'{row}.')}) AS figures {sales}"""
        for row, sign in (("NEW", 1), ("OLD", -1))
    )
    op.execute(f"""
        CREATE FUNCTION sum_daily_sales() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN DELETE FROM daily_sales; RETURN NULL; END IF;
            IF TG_OP <> 'INSERT' THEN {taken} END IF;
            IF TG_OP <> 'DELETE' THEN {added} END IF;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER sum_orders AFTER INSERT OR DELETE
        OR UPDATE OF status, amount, cost, created_at ON orders
        FOR EACH ROW EXECUTE FUNCTION sum_daily_sales()""")
    op.execute("""
        CREATE TRIGGER sum_orders_truncate AFTER TRUNCATE ON orders
        FOR EACH STATEMENT EXECUTE FUNCTION sum_daily_sales()""")


def _sum_pieces() -> None:
    """Keep the pieces that were sold of each product and of each category."""
    there = f"SELECT 1 AS sign, {ITEM} FROM order_items"
    for statement in _selling(_of_sold(there), "0"):
        op.execute(statement)
    if _postgresql():
        _sell_statements()
    else:
        _sell_rows()


def _of_sold(items: str) -> str:
    """Those of these items whose orders were sold."""
    return f"""SELECT r.* FROM ({items}) AS r JOIN orders ON orders.id = r.order_id
        WHERE {SOLD.format(row='orders.')}"""


def _selling(items: str, slot: str) -> tuple[str, str]:
    """The INSERTs into both tables."""
    return (
        f"""INSERT INTO group_counts (name, value, slot, n, total)
        SELECT 'order_items.category', coalesce(category, 'Other'), {slot}, sum(sign * quantity), 0
        FROM ({items}) AS sold GROUP BY coalesce(category, 'Other')
        HAVING sum(sign * quantity) <> 0 ORDER BY coalesce(category, 'Other')""",
        f"""INSERT INTO product_sales (product_id, negative_pieces, revenue)
        SELECT product_id, -sum(sign * quantity), sum(sign * quantity * price)
        FROM ({items}) AS sold WHERE product_id IS NOT NULL GROUP BY product_id
        HAVING sum(sign * quantity) <> 0 OR sum(sign * quantity * price) <> 0
        ORDER BY product_id""",
    )


def _sell_statements() -> None:
    """On PostgreSQL. The orders are locked, so that none is sold while its items change.

    Those whose items only lose their product are not: whoever deletes a product would wait for
    whoever orders it.
    """
    def adding(items: str) -> str:
        of_category, of_product = _selling("SELECT * FROM chosen", SLOT)
        return f"""
            WITH chosen AS MATERIALIZED ({items}),
            of_products AS ({of_product} {ADD_PIECES})
            {of_category} {ADD_CATEGORY};"""
    changed = changed_rows(ITEM)
    unlike = """(later.order_id, later.quantity, later.price, coalesce(later.category, 'Other'))
        <> (former.order_id, former.quantity, former.price, coalesce(former.category, 'Other'))
        OR later.product_id IS DISTINCT FROM former.product_id AND later.product_id IS NOT NULL"""
    touched = {
        "INSERT": "SELECT order_id FROM new_rows",
        "DELETE": "SELECT order_id FROM old_rows",
        "UPDATE": f"""SELECT unnest(ARRAY[later.order_id, former.order_id])
            FROM new_rows AS later JOIN old_rows AS former USING (id) WHERE {unlike}""",
    }
    branches = {
        event: f"""
            PERFORM 1 FROM orders WHERE id IN ({touched[event]}) ORDER BY id FOR NO KEY UPDATE;
            {adding(_of_sold(rows))}"""
        for event, rows in changed.items()
    }
    op.execute(f"""
        CREATE FUNCTION sell_items() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {_branches(branches)}
            IF TG_OP = 'TRUNCATE' THEN
                DELETE FROM product_sales;
                DELETE FROM group_counts WHERE name = 'order_items.category';
            END IF;
            RETURN NULL;
        END $$""")
    for trigger in statement_triggers("order_items", "sell", "sell_items"):
        op.execute(trigger)
    sold = f"""FROM new_rows AS later JOIN old_rows AS former USING (id)
        WHERE ({SOLD.format(row='later.')}) <> ({SOLD.format(row='former.')})"""
    items = f"""SELECT changed.sign, i.* FROM order_items AS i JOIN (
        SELECT id, CASE WHEN {SOLD.format(row='later.')} THEN 1 ELSE -1 END AS sign {sold}
        ) AS changed ON changed.id = i.order_id"""
    op.execute(f"""
        CREATE FUNCTION sell_orders() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT {sold}) THEN {adding(items)} END IF;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER sell_orders_update AFTER UPDATE ON orders
        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION sell_orders()""")
    # The cascade comes too late: it deletes the items when nobody knows any more whether the
    # order was sold.
    op.execute("""
        CREATE FUNCTION delete_items() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN DELETE FROM order_items WHERE order_id = OLD.id; RETURN OLD; END $$""")
    op.execute(f"""
        CREATE TRIGGER delete_items BEFORE DELETE ON orders FOR EACH ROW
        WHEN ({SOLD.format(row='OLD.')}) EXECUTE FUNCTION delete_items()""")


def _sell_rows() -> None:
    """On SQLite."""
    def adding(items: str) -> str:
        of_category, of_product = _selling(items, "0")
        return f"{of_category} {ADD_CATEGORY}; {of_product} {ADD_PIECES};"

    def one(row: str, sign: int) -> str:
        columns = ", ".join(f"{row}.{name} AS {name}" for name in ITEM.split(", "))
        return adding(_of_sold(f"SELECT {sign} AS sign, {columns}"))

    added, taken = one("NEW", 1), one("OLD", -1)
    for event, do in (
        ("INSERT", added),
        ("DELETE", taken),
        (f"UPDATE OF {ITEM}", f"{taken} {added}"),
    ):
        name = f"sell_order_items_{event.split()[0].lower()}"
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON order_items BEGIN {do} END")
    sign = f"CASE WHEN {SOLD.format(row='NEW.')} THEN 1 ELSE -1 END AS sign"
    items = f"SELECT {sign}, {ITEM} FROM order_items WHERE order_id = NEW.id"
    op.execute(f"""
        CREATE TRIGGER sell_orders_update AFTER UPDATE OF status ON orders
        WHEN ({SOLD.format(row='NEW.')}) <> ({SOLD.format(row='OLD.')})
        BEGIN {adding(items)} END""")
    op.execute("""
        CREATE TRIGGER delete_items BEFORE DELETE ON orders
        BEGIN DELETE FROM order_items WHERE order_id = OLD.id; END""")
