"""What the benchmarks measure of conversations."""

ROWS = {
    "conversations": """
        INSERT INTO conversations (type, created_at)
        SELECT 'group', now() FROM generate_series(:first, :last)""",
}
