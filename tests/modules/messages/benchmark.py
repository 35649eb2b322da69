"""What the benchmarks measure of messages."""

from benchmarks.declarations import ADMIN, LIST, GrowingList, Read

AFTER = (
    "users",
    "messages.conversations",
)

ROWS = {
    "messages": """
        INSERT INTO messages (conversation_id, sender_id, type, content, created_at)
        SELECT (SELECT min(id) FROM conversations) + n % 1000,
               (SELECT min(id) FROM users) + 2 + n % 998, 'text', 'Message ' || n || '.',
               now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
    "message_receipts": """
        INSERT INTO message_receipts (message_id, user_id, conversation_id, box, created_at,
                                      read_at)
        SELECT messages.id, (SELECT min(id) FROM users) + 2 + (messages.id + 7) % 998,
               conversation_id, 'inbox', created_at,
               CASE WHEN messages.id % 10 > 0 THEN now() END
        FROM messages WHERE messages.id BETWEEN (SELECT min(id) FROM messages) + :first - 1
                                            AND (SELECT min(id) FROM messages) + :last - 1""",
}

OWNED = (("message_receipts", "user_id", ADMIN),)

READS = (Read("messages", "/api/messages", LIST),)

LISTS = (GrowingList("messages", "message_receipts", "/api/messages"),)
