"""Messages and notifications of many people at once, over four workers: nothing is lost, counted
wrongly or in a deadlock."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, combinations
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.messages.conversations.models import Conversation, Participant
from halolight.modules.messages.models import Message, MessageReceipt
from halolight.modules.notifications.models import Notification
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.server.load import at_once
from tests.server.running_server import Answer, RunningServer

PEOPLE = 5
CLIENTS = 20  # four browsers of each
CHANGES = 50  # of each client

DEADLOCKS = sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


class Browser:
    """Somebody who changes things by chance, as fast as the server answers."""

    def __init__(
        self, server: RunningServer, number: int, client: ApiClient, others: Sequence[int]
    ) -> None:
        self.server = server
        self.token = client.token
        self.others = others
        self.random = Random(number)

    def run(self) -> list[int]:
        """The statuses of all changes."""
        return [self.random.choice(ACTIONS)(self).status for _ in range(CHANGES)]

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        return self.server.request(method, path, json=body, token=self.token)

    def some(self, path: str) -> int:
        """The id of one of the things in a list, of which the other browsers take the same."""
        items = self.call("GET", f"{path}?pageSize=3").data["items"]
        return int(self.random.choice(items)["id"]) if items else 1


def send(to: Browser) -> Answer:
    body = {"recipientId": to.random.choice(to.others), "content": "Hello"}
    return to.call("POST", "/api/messages", body)


def send_to_several(to: Browser) -> Answer:
    body = {"recipientIds": to.random.sample(to.others, 3), "content": "Hello"}
    return to.call("POST", "/api/messages", body)


def answer(by: Browser) -> Answer:
    body = {"conversationId": by.some("/api/conversations"), "content": "Hello"}
    return by.call("POST", "/api/messages", body)


def on_one(method: str, path: str, below: str = "") -> Callable[[Browser], Answer]:
    return lambda by: by.call(method, f"{path}/{by.some(path)}{below}")


def on_all(path: str) -> Callable[[Browser], Answer]:
    return lambda by: by.call("PUT", f"{path}/read-all")


ACTIONS = (
    *(send, send, send, send_to_several, send_to_several, answer, answer),
    on_one("PUT", "/api/messages", "/read"),
    on_one("DELETE", "/api/messages"),
    on_all("/api/messages"),
    on_one("PUT", "/api/conversations", "/read"),
    on_one("DELETE", "/api/conversations"),
    on_one("PUT", "/api/notifications", "/read"),
    on_one("DELETE", "/api/notifications"),
    on_all("/api/notifications"),
)


@pytest.fixture
def server(four_workers: RunningServer, app: Flask) -> Iterator[RunningServer]:
    """The server, on a database that is empty; it has had no deadlock at the end."""
    before = deadlocks(app)
    yield four_workers
    assert deadlocks(app) == before


@pytest.fixture
def people(make: Factory) -> list[ApiClient]:
    return [make.client() for _ in range(PEOPLE)]


def deadlocks(app: Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return int(connection.execute(DEADLOCKS).scalar_one())


def unread_in(app: Flask, entity: Any) -> "Counter[int]":
    """How many rows of each person are unread, counted one by one."""
    with app.app_context():
        rows = db.session.execute(sa.select(entity.user_id, entity.read_at))
        return Counter(user_id for user_id, read_at in rows if read_at is None)


def number_of(app: Flask, *conditions: Any, of: Any) -> int:
    with app.app_context():
        counted = sa.select(sa.func.count()).select_from(of).where(*conditions)
        return db.session.scalar(counted) or 0


def check_rows(app: Flask) -> None:
    """Every message is somebody's, and every receipt is that of somebody who takes part."""
    received = sa.exists().where(MessageReceipt.message_id == Message.id)
    taking_part = sa.exists().where(
        Participant.conversation_id == MessageReceipt.conversation_id,
        Participant.user_id == MessageReceipt.user_id,
        Participant.left_at.is_(None),
    )
    anybody = sa.exists().where(
        Participant.conversation_id == Conversation.id, Participant.left_at.is_(None)
    )
    assert number_of(app, ~received, of=Message) == 0
    assert number_of(app, ~taking_part, of=MessageReceipt) == 0
    assert number_of(app, ~anybody, of=Conversation) == 0


def test_the_numbers_of_unread_things_are_exact_after_a_thousand_changes_at_once(
    server: RunningServer, app: Flask, people: list[ApiClient]
) -> None:
    ids = [client.user_id for client in people]
    browsers = [
        Browser(server, n, people[n % PEOPLE], [i for i in ids if i != ids[n % PEOPLE]])
        for n in range(CLIENTS)
    ]

    statuses = Counter(chain(*at_once([browser.run for browser in browsers])))

    # 400 and 404: another browser of the same person was faster to leave, or to delete.
    assert set(statuses) <= {200, 201, 400, 404}, statuses
    assert statuses[201] > CLIENTS * CHANGES // 4, statuses
    for path, entity in (
        ("/api/messages", MessageReceipt),
        ("/api/notifications", Notification),
    ):
        unread = unread_in(app, entity)
        for client in people:
            count = server.get(f"{path}/unread-count", token=client.token).data["count"]
            listed = server.get(f"{path}?unread=true", token=client.token).data["total"]
            assert count == listed == unread[client.user_id]
    for client in people:
        page = server.get("/api/conversations?pageSize=100", token=client.token).data
        shown = sum(conversation["unreadCount"] for conversation in page["items"])
        assert shown == unread_in(app, MessageReceipt)[client.user_id]
    check_rows(app)


def test_first_messages_of_two_people_make_one_conversation(
    server: RunningServer, app: Flask, people: list[ApiClient]
) -> None:
    def write(by: ApiClient, to: ApiClient) -> Answer:
        body = {"recipientId": to.user_id, "content": "Hello"}
        return server.post("/api/messages", json=body, token=by.token)

    for one, other in combinations(people[:3], 2):
        answers = at_once([partial(write, one, other), partial(write, other, one)] * 10)

        assert [answer.status for answer in answers] == [201] * 20
        assert len({answer.data["conversationId"] for answer in answers}) == 1
        for client in (one, other):
            path = f"/api/conversations/{answers[0].data['conversationId']}"
            seen = server.get(path, token=client.token).data
            assert (seen["memberCount"], seen["unreadCount"]) == (2, 10)
    assert number_of(app, of=Conversation) == 3


def test_members_can_be_deleted_while_they_read_and_others_write(
    server: RunningServer, app: Flask, people: list[ApiClient], admin: ApiClient
) -> None:
    members = {"participantIds": [client.user_id for client in people], "name": "All"}
    made = server.post("/api/conversations", json=members, token=admin.token).data
    staying, leaving = people[:2], people[2:]
    said = {"conversationId": made["id"], "content": "Hello"}
    path = f"/api/conversations/{made['id']}"

    def write(by: ApiClient) -> list[int]:
        return [server.post("/api/messages", json=said, token=by.token).status for _ in range(10)]

    def read(by: ApiClient) -> list[int]:
        return [server.put(f"{path}/read", token=by.token).status for _ in range(10)]

    def delete(whom: ApiClient) -> list[int]:
        return [server.delete(f"/api/users/{whom.user_id}", token=admin.token).status]

    calls = [partial(write, client) for client in people * 2]
    calls += [partial(read, client) for client in people * 2]
    calls += [partial(delete, client) for client in leaving]
    statuses = Counter(chain(*at_once(calls)))

    assert set(statuses) <= {200, 201, 400, 401, 404}, statuses
    seen = server.get(path, token=staying[0].token).data
    assert seen["memberCount"] == 3
    assert number_of(app, of=MessageReceipt) == 3 * number_of(app, of=Message)
    check_rows(app)
