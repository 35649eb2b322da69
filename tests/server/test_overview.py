"""How the service is doing, told alike by each of its workers."""

import pytest

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.server.running_server import Answer, RunningServer

OVERVIEW = "/api/dashboard/overview"


@pytest.fixture
def server(four_workers: RunningServer, make: Factory) -> RunningServer:
    """The server, on a database that is empty."""
    return four_workers


def test_of_all_workers_is_told_by_each(server: RunningServer, user: ApiClient) -> None:
    def ask() -> Answer:
        return server.get(OVERVIEW, token=user.token)

    before = ask().data
    for _ in range(12):
        ask()
    told = [answer.data for answer in server.from_every_worker(ask, times=1)]

    # A request counts when its answer has been sent, which a worker may be about to note.
    assert all(each["requests"] >= before["requests"] + 8 for each in told)
    assert max(each["uptime"] for each in told) - min(each["uptime"] for each in told) <= 5
    assert all(0 < each["responseTime"] < 60_000 for each in told)
