"""Visits, counted in the memory of four workers: exact after a stop, seconds lost at a kill."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.dashboard.models import DailyVisits
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.server.load import at_once
from tests.server.running_server import (
    Answer,
    RunningServer,
    Settings,
    eventually,
    running_server,
)

ME = "/api/users/me"
USERS, SESSIONS, EACH = 5, 2, 12  # reads of each session
ALL = USERS * SESSIONS * EACH
LOST_SECONDS = 3


@pytest.fixture(scope="module", autouse=True)
def _other_servers_have_written() -> None:
    """Those of other tests may still hold what was read there."""
    time.sleep(LOST_SECONDS)


@pytest.fixture
def server(settings: Settings, app: Flask) -> Iterator[RunningServer]:
    with running_server({**settings, "WEB_CONCURRENCY": "4"}) as server:
        yield server


@pytest.fixture
def clients(make: Factory) -> list[ApiClient]:
    users = [make.user() for _ in range(USERS)]
    return [make.sign_in(user.id) for user in users for _ in range(SESSIONS)]


def counted(app: Flask) -> tuple[Any, ...]:
    """Visits, unique visitors and page views, of all days: a test may run at midnight."""
    columns = (DailyVisits.visits, DailyVisits.unique_visitors, DailyVisits.page_views)
    with app.app_context():
        return tuple(db.session.execute(sa.select(*map(sa.func.sum, columns))).one())


def reads(server: RunningServer, clients: Sequence[ApiClient]) -> list[Callable[[], Answer]]:
    return [partial(server.get, ME, token=client.token) for client in clients]


def test_are_exact_after_a_normal_stop(
    server: RunningServer, app: Flask, clients: list[ApiClient]
) -> None:
    answers = [answer for _ in range(EACH) for answer in at_once(reads(server, clients))]
    server.ask_to_stop()

    assert server.exit_status() == 0
    assert {answer.status for answer in answers} == {200}
    assert counted(app) == (USERS * SESSIONS, USERS, ALL)


def test_are_written_while_the_server_runs(
    server: RunningServer, app: Flask, clients: list[ApiClient]
) -> None:
    for _ in range(EACH):
        at_once(reads(server, clients))

    assert eventually(lambda: counted(app)[2] == ALL, within=10)
    assert counted(app) == (USERS * SESSIONS, USERS, ALL)


def test_of_the_last_seconds_alone_are_lost_at_a_kill(
    server: RunningServer, app: Flask, clients: list[ApiClient]
) -> None:
    at_once(reads(server, clients))
    time.sleep(LOST_SECONDS)
    at_once(reads(server, clients[:3]))

    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()

    visits, unique, views = counted(app)
    assert (visits, unique) == (USERS * SESSIONS, USERS)
    assert len(clients) <= views <= len(clients) + 3
