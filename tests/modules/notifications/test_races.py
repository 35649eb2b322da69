"""Reading, reading all and deleting the same notifications at once: exact, and nobody blocked."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.contract.statements import engine
from tests.factories import Factory
from tests.modules.notifications.steps import send, tell, told, unread

THREADS = 8
ROUNDS = 3
PATIENCE = 60  # seconds


def test_many_who_change_the_same_rows_at_once_get_along(app: Flask, user: ApiClient) -> None:
    chance = random.Random(5)

    def call(request: tuple[str, str]) -> int:
        return ApiClient(app, user.token).open(*request).status_code

    for _ in range(ROUNDS):
        for _ in range(20):
            tell(app, user.user_id)
        ids = [item["id"] for item in told(user, "unread=true&pageSize=20")]
        calls = [("PUT", f"/api/notifications/{i}/read") for i in ids[:14]]
        calls += [("DELETE", f"/api/notifications/{i}") for i in ids[10:16]]
        calls += [("PUT", "/api/notifications/read-all")] * 10
        calls += [("GET", "/api/notifications/unread-count")] * 5
        chance.shuffle(calls)

        with ThreadPoolExecutor(THREADS) as pool:
            statuses = set(pool.map(call, calls))

        assert statuses <= {200, 404}
        assert unread(user) == len(told(user, "unread=true&pageSize=100")) == 0
        left = {item["id"] for item in told(user, "pageSize=100")}
        assert left & set(ids) == {*ids[:10], *ids[16:]}


def test_reading_all_in_parallel_counts_each_once(app: Flask, user: ApiClient) -> None:
    for _ in range(30):
        tell(app, user.user_id)

    def read_all(_: int) -> int:
        client = ApiClient(app, user.token)
        updated: int = client.put("/api/notifications/read-all")["updated"]
        return updated

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(read_all, range(THREADS))) == 30


@pytest.mark.database("postgresql")
def test_all_are_told_but_who_is_being_deleted(app: Flask, admin: ApiClient, make: Factory) -> None:
    leaving, _ = make.user(), make.user()

    with ThreadPoolExecutor(1) as pool:
        with engine(app).begin() as elsewhere:
            elsewhere.execute(sa.delete(User).where(User.id == leaving.id))
            sending = pool.submit(send, admin, all=True)
            with pytest.raises(TimeoutError):  # it waits to know who is there
                sending.result(0.5)
        assert sending.result(PATIENCE) == {"sent": 2}
