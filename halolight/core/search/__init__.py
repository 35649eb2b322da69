"""Search: one index for all texts, with the same answers on PostgreSQL and on SQLite."""
