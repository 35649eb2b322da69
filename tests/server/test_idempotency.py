"""`Idempotency-Key` with four workers, some of which are killed."""

import http.client
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.server.load import at_once
from tests.server.running_server import Answer, RunningServer, eventually

TIMES = 20  # that each request is sent at the same time
MOMENTS = 8  # at which workers are killed


@pytest.fixture
def server(four_workers: RunningServer, make: Factory) -> RunningServer:
    """The server, on a database that is empty."""
    return four_workers


def send(server: RunningServer, token: str | None, path: str, body: Any, key: str) -> Answer:
    headers = {"Idempotency-Key": key}
    return server.post(path, json=body, token=token, headers=headers)


def test_of_many_at_once_one_counts_and_all_have_its_response(
    server: RunningServer, super_admin: ApiClient, user: ApiClient
) -> None:
    bodies: dict[str, Any] = {
        "/api/documents": {"title": "Plan"},
        "/api/users": {"email": "dana@example.com", "name": "Dana"},
        "/api/orders": {"customer": "Dana", "amount": 10},
        "/api/teams": {"name": "Team"},
        "/api/messages": {"recipientId": user.user_id, "content": "Hello"},
    }
    before = {path: total(server, super_admin, path) for path in bodies}

    for path, body in bodies.items():
        answers = at_once([partial(send, server, super_admin.token, path, body, path)] * TIMES)
        assert {answer.status for answer in answers} == {201}, path
        assert len({answer.body for answer in answers}) == 1, path

    added = {path: total(server, super_admin, path) - before[path] for path in bodies}
    assert added == dict.fromkeys(bodies, 1)


def test_what_is_killed_has_happened_once_or_not_at_all(
    server: RunningServer, super_admin: ApiClient
) -> None:
    """Workers are killed at other moments of the request each time; then it is sent again."""
    token, path = super_admin.token, "/api/documents"

    def attempt(title: str) -> Answer | None:
        with suppress(OSError, http.client.HTTPException):
            return send(server, token, path, {"title": title}, title)
        return None

    killed = 0
    for number in range(MOMENTS):
        title = f"Plan {number}"

        def kill(number: int = number) -> None:
            time.sleep(0.003 * number)
            for worker in server.workers()[:3]:
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)

        calls: list[Callable[[], Answer | None]] = [kill, *[partial(attempt, title)] * TIMES]
        answers = at_once(calls)[1:]
        killed += answers.count(None)
        assert eventually(lambda: len(server.workers()) == 4)
        again = eventually(partial(attempt, title))
        assert again
        assert again.status == 201
        assert {each.body for each in answers if each} <= {again.body}

    assert killed
    titles = [d["title"] for d in server.get(f"{path}?pageSize=100", token=token).data["items"]]
    assert sorted(titles) == sorted(f"Plan {number}" for number in range(MOMENTS))


def total(server: RunningServer, client: ApiClient, path: str) -> int:
    number: int = server.get(path, token=client.token).data["total"]
    return number
