"""What the tests of messages and conversations do again and again."""

from typing import Any

import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.messages.models import Message, MessageReceipt
from tests.api_client import ApiClient

MISSING = 2**31 - 1  # an id that nothing has


def send(sender: ApiClient, *to: ApiClient, content: str = "Hello", **body: Any) -> dict[str, Any]:
    """A new message to one person or to several, or to whom the body says."""
    if len(to) == 1:
        body["recipientId"] = to[0].user_id
    elif to:
        body["recipientIds"] = [client.user_id for client in to]
    message: dict[str, Any] = sender.post("/api/messages", json={"content": content, **body})
    return message


def reply(sender: ApiClient, to: dict[str, Any], content: str = "Hello") -> dict[str, Any]:
    """A new message in the conversation of another."""
    return send(sender, content=content, conversationId=to["conversationId"])


def contents(client: ApiClient, query: str = "") -> list[str]:
    """The texts that the list of messages shows, in its order."""
    return [item["content"] for item in client.get(f"/api/messages?{query}")["items"]]


def unread(client: ApiClient) -> int:
    count: int = client.get("/api/messages/unread-count")["count"]
    return count


def conversations(client: ApiClient, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/api/conversations?{query}")["items"]
    return items


def names(client: ApiClient, query: str = "") -> list[str]:
    """The names of the client's conversations, in the order of the list."""
    return [item["name"] for item in conversations(client, query)]


def group(maker: ApiClient, *others: ApiClient, **body: Any) -> dict[str, Any]:
    """A conversation of these people, opened without a message."""
    ids = [client.user_id for client in others]
    made: dict[str, Any] = maker.post("/api/conversations", json={"participantIds": ids, **body})
    return made


def trail(app: Flask) -> list[str]:
    """The actions that the audit trail tells of, and empty it."""
    with app.app_context():
        actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
        db.session.execute(sa.delete(AuditEntry))
        db.session.commit()
        return list(actions)


def rows(app: Flask) -> tuple[int, int]:
    """How many messages and receipts there are in the database."""
    with app.app_context():
        counted = (sa.select(sa.func.count()).select_from(m) for m in (Message, MessageReceipt))
        messages, receipts = (db.session.scalar(statement) or 0 for statement in counted)
        return messages, receipts
