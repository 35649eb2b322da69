"""What the benchmarks measure of users."""

from benchmarks.declarations import LIST, ONE, GrowingList, Read

ROWS = {
    "users": """
        INSERT INTO users (email, email_key, username, name, name_key, hashed_password, role,
                           status, created_at, updated_at)
        SELECT 'person' || n || '@example.com', 'person' || n || '@example.com', 'person' || n,
               'Person ' || n, 'person ' || n, '!', 'user',
               'ACTIVE', now() - n * interval '1 minute', now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
}

READS = (
    Read("users list", "/api/users", LIST),
    # The price of a dialect: at least 0.75 of the list before.
    Read("users list, /next/api", "/next/api/users"),
    Read("one user", "/api/users/500", ONE),
)

LISTS = (GrowingList("users", "users", "/api/users"),)
