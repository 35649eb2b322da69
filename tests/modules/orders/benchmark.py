"""What the benchmarks measure of orders."""

ROWS = {
    "orders": """
        INSERT INTO orders (order_no, customer, amount, cost, status, created_at, updated_at)
        SELECT 'ORD-' || n, 'Customer ' || n, 20 + n % 80, 10 + n % 40,
               (ARRAY['pending', 'paid', 'shipped', 'cancelled'])[1 + n % 4],
               now() - n * interval '8 hours', now()
        FROM generate_series(:first, :last) AS n""",
}
