"""What the benchmarks measure of notifications."""

from benchmarks.declarations import ADMIN, LIST, GrowingList, Read

AFTER = ("users",)

ROWS = {
    "notifications": """
        INSERT INTO notifications (user_id, type, title, content, read_at, created_at)
        SELECT (SELECT min(id) FROM users) + 2 + n % 998, 'user', 'Notification ' || n, 'Text',
               CASE WHEN n % 10 > 0 THEN now() END, now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
}

OWNED = (("notifications", "user_id", ADMIN),)

READS = (Read("notifications", "/api/notifications", LIST),)

LISTS = (GrowingList("notifications", "notifications", "/api/notifications"),)
