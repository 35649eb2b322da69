"""More than 200 forged tokens against four workers (RFC 8725; OWASP ASVS 9.1 and 9.2)."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.conftest import SECRET
from tests.factories import PASSWORD, Factory
from tests.modules.sessions.forgery import FORGERIES
from tests.server.load import Call, at_once
from tests.server.running_server import Answer, RunningServer, Settings, running_server

ME = "/api/users/me"


@pytest.fixture
def server(settings: Settings, make: Factory) -> Iterator[RunningServer]:
    """A server with the secret of some forgeries, which production refuses as guessable."""
    known = {"NODE_ENV": "development", "JWT_SECRET": SECRET, "WEB_CONCURRENCY": "4"}
    with running_server({**settings, **known}) as server:
        yield server


def with_another_character(token: str) -> list[str]:
    """The token with one character changed, for every fourth of them."""
    places = range(0, len(token) - 1, 4)  # not the last: two of its bits mean nothing
    return [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        for place in places
    ]


def batched(calls: list[Call], size: int) -> Iterator[list[Call]]:
    for start in range(0, len(calls), size):
        yield calls[start : start + size]


def forged(token: str) -> list[str]:
    return [forge(token) for forge in FORGERIES.values()] + with_another_character(token)


def test_all_get_one_and_the_same_401(server: RunningServer, make: Factory) -> None:
    body = {"email": make.user().email, "password": PASSWORD}
    pair = server.post("/api/auth/login", json=body).data
    access, refresh = pair["accessToken"], pair["refreshToken"]

    def renew(token: str) -> Answer:
        return server.post("/api/auth/refresh", json={"refreshToken": token})

    calls: list[Call] = [
        partial(server.get, ME, token=token) for token in [*forged(access), refresh]
    ]
    calls += [partial(renew, token) for token in [*forged(refresh), access]]
    answers = [answer for some in batched(calls, 25) for answer in at_once(some)]

    assert len(answers) >= 200
    assert {(answer.status, answer.body) for answer in answers} == {(401, answers[0].body)}
    assert server.get(ME, token=access).status == 200
    assert renew(refresh).status == 200
