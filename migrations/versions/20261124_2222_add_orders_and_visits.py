"""add orders and visits"""

import sqlalchemy as sa
from alembic import op

from halolight.core.db.counts import begin_counting, end_counting

revision = 'e9ae6da14624'
down_revision = 'a644f98bbb25'
branch_labels = None
depends_on = None

# An order counts on the day it was made, its money only when it was paid and not cancelled.
ADD = """
INSERT INTO daily_sales (date, orders, sold, revenue, profit) VALUES ({day}, 1,
CASE WHEN NEW.status IN ('paid', 'shipped') THEN 1 ELSE 0 END,
CASE WHEN NEW.status IN ('paid', 'shipped') THEN NEW.amount ELSE 0 END,
CASE WHEN NEW.status IN ('paid', 'shipped') THEN NEW.amount - NEW.cost ELSE 0 END)
ON CONFLICT (date) DO UPDATE SET orders = daily_sales.orders + EXCLUDED.orders,
sold = daily_sales.sold + EXCLUDED.sold, revenue = daily_sales.revenue + EXCLUDED.revenue,
profit = daily_sales.profit + EXCLUDED.profit;"""
TAKE_AWAY = """
UPDATE daily_sales SET orders = orders - 1,
sold = sold - CASE WHEN OLD.status IN ('paid', 'shipped') THEN 1 ELSE 0 END,
revenue = revenue - CASE WHEN OLD.status IN ('paid', 'shipped') THEN OLD.amount ELSE 0 END,
profit = profit - CASE WHEN OLD.status IN ('paid', 'shipped') THEN OLD.amount - OLD.cost ELSE 0 END
WHERE date = {day};"""


def begin_summing() -> None:
    """Keep the daily sums in the transaction of each change of an order."""
    if op.get_bind().dialect.name == "postgresql":
        added = ADD.format(day="(NEW.created_at AT TIME ZONE 'UTC')::date")
        taken = TAKE_AWAY.format(day="(OLD.created_at AT TIME ZONE 'UTC')::date")
        op.execute(f"""
            CREATE FUNCTION sum_daily_sales() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'TRUNCATE' THEN
                    DELETE FROM daily_sales;
                    RETURN NULL;
                END IF;
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
        return
    added = ADD.format(day="date(NEW.created_at)")
    taken = TAKE_AWAY.format(day="date(OLD.created_at)")
    op.execute(f"CREATE TRIGGER sum_orders_insert AFTER INSERT ON orders BEGIN {added} END")
    op.execute(f"CREATE TRIGGER sum_orders_delete AFTER DELETE ON orders BEGIN {taken} END")
    op.execute(f"""
        CREATE TRIGGER sum_orders_update AFTER UPDATE OF status, amount, cost, created_at ON orders
        BEGIN {taken} {added} END""")


def upgrade() -> None:
    op.create_table('daily_sales',
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('orders', sa.Integer(), nullable=False),
    sa.Column('sold', sa.Integer(), nullable=False),
    sa.Column('revenue', sa.Numeric(20, 2).with_variant(sa.BigInteger(), 'sqlite'), nullable=False),
    sa.Column('profit', sa.Numeric(20, 2).with_variant(sa.BigInteger(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('date', name=op.f('pk_daily_sales'))
    )
    op.create_table('daily_visitors',
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('visitor_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.CheckConstraint("kind IN ('session', 'user')", name=op.f('ck_daily_visitors_kind')),
    sa.PrimaryKeyConstraint('date', 'kind', 'visitor_id', name=op.f('pk_daily_visitors'))
    )
    op.create_table('daily_visits',
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('visits', sa.Integer(), nullable=False),
    sa.Column('unique_visitors', sa.Integer(), nullable=False),
    sa.Column('page_views', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('date', name=op.f('pk_daily_visits'))
    )
    op.create_table('order_numbers',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_order_numbers'))
    )
    op.create_table('orders',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_no', sa.String(length=20), nullable=False),
    sa.Column('customer', sa.String(length=200), nullable=False),
    sa.Column('amount', sa.Numeric(12, 2).with_variant(sa.BigInteger(), 'sqlite'), nullable=False),
    sa.Column('cost', sa.Numeric(12, 2).with_variant(sa.BigInteger(), 'sqlite'), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("status IN ('pending', 'paid', 'shipped', 'cancelled')", name=op.f('ck_orders_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders')),
    sa.UniqueConstraint('order_no', name=op.f('uq_orders_order_no'))
    )
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_orders_amount_id'), ['amount', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_orders_created_at_id'), ['created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_orders_status_created_at_id'), ['status', 'created_at', 'id'], unique=False)

    op.create_table('products',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('category', sa.String(length=100), nullable=False),
    sa.Column('category_key', sa.String(length=200), nullable=False),
    sa.Column('price', sa.Numeric(12, 2).with_variant(sa.BigInteger(), 'sqlite'), nullable=False),
    sa.Column('cost', sa.Numeric(12, 2).with_variant(sa.BigInteger(), 'sqlite'), nullable=False),
    sa.Column('stock', sa.Integer(), nullable=False),
    sa.Column('image', sa.String(length=500), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_products'))
    )
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_products_category_key_created_at_id'), ['category_key', 'created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_products_created_at_id'), ['created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_products_name_id'), ['name', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_products_price_id'), ['price', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_products_stock_id'), ['stock', 'id'], unique=False)

    op.create_table('order_items',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('category', sa.String(length=100), nullable=True),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('price', sa.Numeric(12, 2).with_variant(sa.BigInteger(), 'sqlite'), nullable=False),
    sa.Column('cost', sa.Numeric(12, 2).with_variant(sa.BigInteger(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_items_order_id_orders'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_order_items_product_id_products'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_items'))
    )
    with op.batch_alter_table('order_items', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_items_order_id_id'), ['order_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_order_items_product_id'), ['product_id'], unique=False)

    for table in ("orders", "products"):
        begin_counting(op.get_bind(), table)
    begin_summing()


def downgrade() -> None:
    for table in ("orders", "products"):
        end_counting(op.get_bind(), table)
    with op.batch_alter_table('order_items', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_items_product_id'))
        batch_op.drop_index(batch_op.f('ix_order_items_order_id_id'))

    op.drop_table('order_items')
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_products_stock_id'))
        batch_op.drop_index(batch_op.f('ix_products_price_id'))
        batch_op.drop_index(batch_op.f('ix_products_name_id'))
        batch_op.drop_index(batch_op.f('ix_products_created_at_id'))
        batch_op.drop_index(batch_op.f('ix_products_category_key_created_at_id'))

    op.drop_table('products')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_orders_status_created_at_id'))
        batch_op.drop_index(batch_op.f('ix_orders_created_at_id'))
        batch_op.drop_index(batch_op.f('ix_orders_amount_id'))

    op.drop_table('orders')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION sum_daily_sales()")
    op.drop_table('order_numbers')
    op.drop_table('daily_visits')
    op.drop_table('daily_visitors')
    op.drop_table('daily_sales')
