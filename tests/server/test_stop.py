"""Stopping loses nothing that was answered or begun, and a worker may die at any time."""

import http.client
import os
import secrets
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.documents.models import Document
from tests.api_client import ApiClient
from tests.server.load import keep_asking
from tests.server.neighbour import locked
from tests.server.running_server import Answer, RunningServer, Settings, eventually, running_server

DOCUMENTS = "/api/documents"


@pytest.fixture
def server(settings: Settings, app: Flask) -> Iterator[RunningServer]:
    with running_server(settings) as server:
        yield server


class TestStop:
    def test_every_request_until_the_end_gets_a_complete_answer(
        self, server: RunningServer, user: ApiClient
    ) -> None:
        with keep_asking([partial(server.get, DOCUMENTS, token=user.token)] * 4) as outcomes:
            eventually(lambda: len(outcomes) > 50)
            server.ask_to_stop()
            status = server.exit_status()

        assert status == 0
        assert len(outcomes) > 50
        assert set(outcomes) == {200}

    def test_a_request_under_way_is_finished(
        self, server: RunningServer, app: Flask, user: ApiClient
    ) -> None:
        made = server.post(DOCUMENTS, json={"title": "Plan"}, token=user.token).data
        path = f"{DOCUMENTS}/{made['id']}"

        with ThreadPoolExecutor(1) as thread:
            with locked(app, Document, made["id"]):
                update = thread.submit(server.put, path, json={"title": "B"}, token=user.token)
                time.sleep(1)  # it has reached the lock
                server.ask_to_stop()
                time.sleep(2)  # the workers have stopped to listen
                waited = not update.done()
            answer = update.result()

        assert waited
        assert answer.data["title"] == "B"
        assert server.exit_status() == 0

    def test_views_that_were_only_counted_in_memory_are_written(
        self, server: RunningServer, app: Flask, user: ApiClient
    ) -> None:
        made = server.post(DOCUMENTS, json={"title": "Plan"}, token=user.token).data
        path = f"{DOCUMENTS}/{made['id']}"

        views = [server.get(path, token=user.token).status for _ in range(20)]
        server.ask_to_stop()
        status = server.exit_status()

        with app.app_context():
            assert db.value(sa.select(Document.views).filter_by(id=made["id"])) == 20
        assert set(views) == {200}
        assert status == 0

    def test_an_idle_connection_does_not_hold_it_up(self, server: RunningServer) -> None:
        browser = http.client.HTTPConnection("127.0.0.1", server.port)
        browser.request("GET", "/health")
        assert browser.getresponse().read()

        server.ask_to_stop()

        status = eventually(lambda: server.process.poll() is not None, within=10)
        browser.close()
        assert status, "it still runs after the 10 seconds that Docker waits"


class TestKilledWorker:
    def test_the_service_goes_on_and_has_all_it_has_acknowledged(
        self, server: RunningServer, app: Flask, user: ApiClient
    ) -> None:
        acknowledged: list[str] = []

        def write() -> Answer:
            title = secrets.token_hex(8)
            answer = server.post(DOCUMENTS, json={"title": title}, token=user.token)
            if answer.status == 201:
                acknowledged.append(title)
            return answer

        with keep_asking([write] * 3) as outcomes:
            eventually(lambda: len(acknowledged) > 30)
            [killed, spared] = server.workers()
            os.kill(killed, signal.SIGKILL)
            before = len(acknowledged)
            replaced = eventually(lambda: len(set(server.workers()) - {killed}) == 2)
            went_on = eventually(lambda: len(acknowledged) > before + 30)

        assert replaced
        assert went_on
        assert spared in server.workers()
        assert {outcome for outcome in outcomes if isinstance(outcome, int)} == {201}
        assert len(outcomes) - outcomes.count(201) <= 3  # who was waiting for the killed one
        with app.app_context():
            titles = db.session.scalars(sa.select(Document.title)).all()
        assert set(acknowledged) <= set(titles)
        answers = server.from_every_worker(
            partial(server.get, DOCUMENTS, token=user.token), times=2
        )
        assert [answer.status for answer in answers] == [200] * 4
