"""What the benchmarks measure of events."""

AFTER = ("users",)

ROWS = {
    "events": """
        INSERT INTO events (title, title_key, type, start_at, end_at, all_day, version, owner_id,
                            created_at, updated_at)
        SELECT 'Event ' || n, 'event ' || n, 'meeting', now() - n * interval '1 minute',
               now() - n * interval '1 minute' + interval '1 hour', false, 1,
               (SELECT min(id) FROM users) + 2 + n % 998, now(), now()
        FROM generate_series(:first, :last) AS n""",
}
