"""One caller has so many requests under way, and the others wait for their turn."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from halolight.core.errors import TooManyRequests
from halolight.core.http import underway
from halolight.core.http.underway import Bound
from tests.api_client import ApiClient

SOON, LATER = 0.2, 30  # seconds


def wait_for_turn(bound: Bound, order: list[int], number: int) -> None:
    bound.take("ann")
    order.append(number)
    bound.leave("ann")


class TestBound:
    def test_has_as_many_as_it_says_at_once(self) -> None:
        bound, under_way, most = Bound(3), [0], [0]
        lock = threading.Lock()

        def work() -> None:
            bound.take("ann")
            with lock:
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
            threading.Event().wait(0.01)
            with lock:
                under_way[0] -= 1
            bound.leave("ann")

        with ThreadPoolExecutor(20) as threads:
            for done in [threads.submit(work) for _ in range(50)]:
                done.result(LATER)

        assert most == [3]
        assert (bound._taken, bound._waiting) == ({}, {})

    def test_refuses_who_has_waited_too_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(underway, "PATIENCE", SOON)
        bound = Bound(1)
        bound.take("ann")

        with pytest.raises(TooManyRequests) as refused:
            bound.take("ann")

        assert int(refused.value.headers["Retry-After"]) > 0
        bound.take("ben")  # is another
        bound.leave("ann")
        bound.take("ann")

    def test_gives_turns_in_order(self) -> None:
        bound, order = Bound(1), list[int]()
        wait: Callable[[int], None] = partial(wait_for_turn, bound, order)
        bound.take("ann")
        with ThreadPoolExecutor(5) as threads:
            for number in range(5):
                threads.submit(wait, number)
                while len(bound._waiting.get("ann", ())) <= number:
                    threading.Event().wait(0.001)
            bound.leave("ann")

        assert order == [0, 1, 2, 3, 4]


class TestSearches:
    def test_are_fewer_than_other_requests(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(underway, "PATIENCE", SOON)
        for _ in range(underway.MOST_SEARCHES):
            underway._searches.take(user.user_id)
        try:
            for query in ("search=plan", "keyword=plan", "%73earch=plan", "q=plan"):
                user.get(f"/api/documents?{query}", status=429)
            user.get("/api/documents?page=1")
        finally:
            for _ in range(underway.MOST_SEARCHES):
                underway._searches.leave(user.user_id)

        user.get("/api/documents?search=plan")
