"""The lists of messages and conversations come out of an index in their order, however many."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.messages.conversations.models import GROUP, Conversation, Participant
from halolight.modules.messages.models import INBOX, SENT, Message, MessageReceipt
from tests.api_client import ApiClient
from tests.contract.explain import all_nodes, explained, page_of, sqlite_steps
from tests.contract.statements import engine, is_postgresql, recorded
from tests.factories import Factory

CONVERSATIONS = 100
EACH = 50  # messages


@pytest.fixture
def crowded(app: Flask, user: ApiClient, admin: ApiClient) -> int:
    """Thousands of messages in a hundred conversations, of which the database knows; the id of
    one of these."""
    now = utcnow()
    with app.app_context():
        conversations = insert(
            Conversation, [{"type": GROUP, "name": f"Talk {n}"} for n in range(CONVERSATIONS)]
        )
        numbered = list(enumerate(conversations * EACH))
        people = (user.user_id, admin.user_id)
        times = [now - dt.timedelta(seconds=number) for number, _ in numbered]
        messages = insert(
            Message,
            [
                {
                    "conversation_id": conversation_id,
                    "sender_id": people[number % 2],
                    "content": "text " * 20,
                    "created_at": times[number],
                }
                for number, conversation_id in numbered
            ],
        )
        receipts = [
            {
                "message_id": messages[number],
                "user_id": user_id,
                "conversation_id": conversation_id,
                "box": SENT if people[number % 2] == user_id else INBOX,
                "created_at": times[number],
                "read_at": None if number % 50 == 0 else now,
            }
            for number, conversation_id in numbered
            for user_id in people
        ]
        db.session.execute(sa.insert(MessageReceipt), receipts)
        db.session.execute(
            sa.insert(Participant),
            [
                {"conversation_id": conversation_id, "user_id": user_id, "updated_at": times[n]}
                for n, conversation_id in numbered[:CONVERSATIONS]
                for user_id in people
            ],
        )
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()
        return conversations[0]


def insert(entity: Any, rows: list[dict[str, Any]]) -> list[int]:
    """The ids of new rows."""
    made = sa.insert(entity).returning(entity.id, sort_by_parameter_order=True)
    return list(db.session.scalars(made, rows))


def statement_of(app: Flask, client: ApiClient, path: str) -> str:
    """The statement, as the database gets it, that answers a read."""
    engine(app).dispose()  # a new connection is sent the SQL, a used one a name for it
    with recorded(app) as statements:
        client.get(path)
    return statements[1]  # the first finds out who is calling


ORDERED = (
    "/api/messages",
    "/api/messages?sortOrder=asc",
    "/api/messages?box=sent",
    "/api/messages?conversationId={}",
    "/api/conversations",
    "/api/conversations/{}/messages",
)


READS = (
    "/api/messages?unread=true",
    "/api/messages/unread-count",
    "/api/messages?search=text",
    "/api/conversations/{}",
    *ORDERED,
)


def test_a_page_is_read_in_the_order_of_an_index(app: Flask, user: ApiClient, crowded: int) -> None:
    for path in ORDERED:
        asked = statement_of(app, user, path.format(crowded))

        if is_postgresql(app):
            page = page_of(explained(app, asked))
            steps = [node["Node Type"] for node in all_nodes(page)]
            assert {"Sort", "Seq Scan", "Bitmap Heap Scan"}.isdisjoint(steps), (path, steps)
        else:
            steps = sqlite_steps(app, asked)
            page_steps = steps[1 : steps.index("SCAN on_page")]
            assert [step for step in page_steps if "TEMP B-TREE" in step] == [], path
            assert [step for step in steps if step.startswith("SCAN message")] == [], path


@pytest.mark.usefixtures("crowded")
def test_nothing_reads_a_whole_table_of_messages(
    app: Flask, user: ApiClient, make: Factory
) -> None:
    """Asked by somebody who has few of them: the others' do not count."""
    few = make.client()
    made = few.post("/api/conversations", json={"participantIds": [user.user_id]})
    for path in READS:
        asked = statement_of(app, few, path.format(made["id"]))

        if is_postgresql(app):
            nodes = [n for n in explained(app, asked) if n["Node Type"] == "Seq Scan"]
            read = {node["Relation Name"] for node in nodes}
            assert {"messages", "message_receipts"}.isdisjoint(read), path
        else:
            scans = [step for step in sqlite_steps(app, asked) if step.startswith("SCAN message")]
            assert scans == [], path
