import threading
import time
from collections import Counter

import pytest
from flask import Flask

from halolight.core.background.counter import BufferedCounter


class Ledger:
    """What a tally has written."""

    def __init__(self) -> None:
        self.total: Counter[str] = Counter()
        self.writes = 0

    def write(self, counts: Counter[str]) -> None:
        self.writes += 1
        self.total += counts


@pytest.fixture
def flask() -> Flask:
    app = Flask("tests")
    app.testing = True
    return app


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def tally(flask: Flask, ledger: Ledger) -> BufferedCounter[str]:
    tally: BufferedCounter[str] = BufferedCounter("things", ledger.write)
    tally.init_app(flask)
    return tally


class TestFlush:
    def test_writes_what_has_gathered_in_one_go(
        self, flask: Flask, tally: BufferedCounter[str], ledger: Ledger
    ) -> None:
        with flask.app_context():
            for key in "abacaa":
                tally.add(key)
        assert ledger.writes == 0

        tally.flush()

        assert (ledger.total, ledger.writes) == ({"a": 4, "b": 1, "c": 1}, 1)

    def test_writes_nothing_twice(
        self, flask: Flask, tally: BufferedCounter[str], ledger: Ledger
    ) -> None:
        with flask.app_context():
            tally.add("a")

        tally.flush()
        tally.flush()

        assert (ledger.total, ledger.writes) == ({"a": 1}, 1)

    def test_does_not_write_nothing(self, tally: BufferedCounter[str], ledger: Ledger) -> None:
        tally.flush()

        assert ledger.writes == 0

    def test_keeps_the_counts_of_a_failed_write(self, flask: Flask) -> None:
        written: list[Counter[str]] = []

        def write(counts: Counter[str]) -> None:
            written.append(counts.copy())
            if len(written) == 1:
                own.add("a")  # meanwhile, in another thread
                own.add("b")
                raise OSError("away")

        own: BufferedCounter[str] = BufferedCounter("things", write)
        own.init_app(flask)
        with flask.app_context():
            own.add("a")
            with pytest.raises(OSError, match="away"):
                own.flush()
            own.flush()

        assert written == [{"a": 1}, {"a": 2, "b": 1}]

    def test_keeps_what_is_added_during_a_write(self, flask: Flask) -> None:
        written: list[Counter[str]] = []

        def write(counts: Counter[str]) -> None:
            if not written:
                own.add("late")
            written.append(counts)

        own: BufferedCounter[str] = BufferedCounter("things", write)
        own.init_app(flask)
        with flask.app_context():
            own.add("early")
            own.flush()
            own.flush()

        assert written == [{"early": 1}, {"late": 1}]

    def test_waits_for_the_write_that_is_under_way(self, flask: Flask) -> None:
        began, written = threading.Event(), Counter[str]()

        def write(counts: Counter[str]) -> None:
            began.set()
            time.sleep(0.1)
            written.update(counts)

        own: BufferedCounter[str] = BufferedCounter("things", write)
        own.init_app(flask)
        with flask.app_context():
            own.add("a")
        threading.Thread(target=own.flush).start()
        assert began.wait(10)
        own.flush()

        assert written == {"a": 1}

    def test_loses_nothing_to_other_threads(
        self, flask: Flask, tally: BufferedCounter[str], ledger: Ledger
    ) -> None:
        def add() -> None:
            with flask.app_context():
                for _ in range(1000):
                    tally.add("a")

        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            tally.flush()
        tally.flush()

        assert ledger.total == {"a": 4000}
