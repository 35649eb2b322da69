"""The numbers of events: without a gap, and visible in their order, whoever writes at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.core.clock import utcnow
from halolight.core.live.journal import StreamEntry, StreamPosition
from halolight.extensions import db
from tests.api_client import ApiClient
from tests.factories import Factory

from .conftest import Open
from .reading import Reader
from .test_events import send

WRITERS, TIMES = 6, 10


@pytest.mark.database("postgresql")
def test_a_later_number_does_not_overtake_an_earlier_one(
    app: Flask, user: ApiClient, listen: Open
) -> None:
    """As ids of a sequence do. Who has got the later one would never get the earlier."""
    stream = listen(user)
    stream.events()
    entry = {"number": 1, "kind": "share", "created_at": utcnow(), "user_id": user.user_id}
    facts = {"id": 1, "resource": "documents", "action": "share"}
    with app.app_context(), db.engine.connect() as slow, ThreadPoolExecutor(1) as other:
        slow.execute(sa.update(StreamPosition).values(last=1))
        slow.execute(sa.insert(StreamEntry).values(**entry, facts=facts))
        sending = other.submit(send, app, user.user_id)

        with pytest.raises(TimeoutError):
            sending.result(0.5)
        assert stream.events() == []
        slow.commit()
        sending.result(10)

    assert [event.id for event in stream.events()[:2]] == [f"{user.user_id}-{n}" for n in (1, 2)]


def test_many_writers_lose_double_and_block_nothing(
    app: Flask, make: Factory, listen: Open
) -> None:
    clients = [make.client() for _ in range(3)]
    streams = [listen(client) for client in clients]
    ids = [client.user_id for client in clients]
    titles: list[list[str]] = [[] for _ in streams]
    calls: list[Callable[[], None]] = [
        partial(send, app, *order, title=f"{writer} {number}")
        for writer in range(WRITERS)
        for number in range(TIMES)
        for order in [ids if writer % 2 else ids[::-1]]
    ]
    with ThreadPoolExecutor(WRITERS) as writers:
        sending = [writers.submit(call) for call in calls]
        while not all(each.done() for each in sending):
            read(streams, titles)
        for each in sending:
            each.result()
    read(streams, titles)

    sent = sorted(f"{writer} {number}" for writer in range(WRITERS) for number in range(TIMES))
    assert [sorted(of_stream) for of_stream in titles] == [sent] * 3
    assert [stream.last_id for stream in streams] == [f"{id_}-{len(sent)}" for id_ in ids]


def read(streams: list[Reader], titles: list[list[str]]) -> None:
    for stream, of_stream in zip(streams, titles, strict=True):
        events = [event for event in stream.events() if event.kind == "notification"]
        of_stream += [event.data["title"] for event in events]
