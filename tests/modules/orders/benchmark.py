"""What the benchmarks measure of orders."""

ROWS = {
    "products": """
        INSERT INTO products (name, name_key, category, category_key, price, cost, stock,
                              created_at, updated_at)
        SELECT 'Product ' || n, 'product ' || n, 'Category ' || n % 20, 'category ' || n % 20,
               10, 5, 100, now() - n * interval '1 minute', now()
        FROM generate_series(:first, :last) AS n""",
    "orders": """
        INSERT INTO orders (order_no, customer, amount, cost, status, created_at, updated_at)
        SELECT 'ORD-' || n, 'Customer ' || n, 20 + n % 80, 10 + n % 40,
               (ARRAY['pending', 'paid', 'shipped', 'cancelled'])[1 + n % 4],
               now() - (n % 9000) * interval '8 hours', now()
        FROM generate_series(:first, :last) AS n""",
    "order_items": """
        INSERT INTO order_items (order_id, product_id, name, category, quantity, price, cost)
        SELECT (SELECT min(id) FROM orders) + n - 1,
               (SELECT min(id) FROM products) + n::bigint * 7919 % :last, 'Product',
               'Category ' || n % 20, 1 + n % 5, 10, 5
        FROM generate_series(:first, :last) AS n""",
}
