"""What takes long does not hold up the others."""

import threading
from functools import partial
from http import HTTPStatus

from tests.factories import PASSWORD, Factory
from tests.server.load import at_once
from tests.server.running_server import RunningServer


class TestHashing:
    def test_the_service_answers_while_passwords_are_hashed(
        self, four_workers: RunningServer, make: Factory
    ) -> None:
        logins = [{"email": make.user().email, "password": PASSWORD} for _ in range(20)]
        sign_in = partial(four_workers.post, "/api/auth/login")
        done = threading.Event()
        health: list[int] = []

        def ask_for_health() -> None:
            while not done.is_set() and len(health) < 2000:
                health.append(four_workers.get("/health").status)

        asking = threading.Thread(target=ask_for_health)
        asking.start()
        try:
            answers = at_once([partial(sign_in, json=login) for login in logins])
        finally:
            done.set()
            asking.join()

        assert {answer.status for answer in answers} == {HTTPStatus.OK}
        assert health
        assert set(health) == {HTTPStatus.OK}
