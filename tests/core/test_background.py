import logging
import threading
from collections.abc import Callable

import pytest
from flask import Flask, current_app

from halolight.core.background.task import BackgroundTask, finish_all, start_all, tasks

PATIENCE = 10  # seconds; what is waited for comes at once


@pytest.fixture
def flask() -> Flask:
    return Flask("tests")


class Work:
    """Counts how often it is done, and where."""

    def __init__(self, times: int = 1) -> None:
        self.done = threading.Event()
        self.names: list[str] = []
        self._times = times
        self.__qualname__ = "Work"

    def __call__(self) -> None:
        assert current_app.name == "tests"
        self.names.append(threading.current_thread().name)
        if len(self.names) == self._times:
            self.done.set()
            if threading.current_thread() is not threading.main_thread():
                threading.Event().wait()  # and never again: the thread ends with the tests


def task_of(
    app: Flask, function: Callable[[], None], interval: float | None = None
) -> BackgroundTask:
    return BackgroundTask(app, function, delay=0, interval=interval, at_stop=True)


class TestAsk:
    def test_has_it_done_soon_by_another_thread(self, flask: Flask) -> None:
        work = Work()

        task_of(flask, work).ask()

        assert work.done.wait(PATIENCE)
        assert work.names == ["Work"]

    def test_does_nothing_by_itself_in_tests(self, flask: Flask) -> None:
        flask.testing = True
        work = Work()
        task = task_of(flask, work)

        task.ask()
        assert work.names == []
        task.run()

        assert work.names == [threading.main_thread().name]

    def test_has_it_done_again_when_asked_again(self, flask: Flask) -> None:
        first, second = threading.Event(), threading.Event()

        def work() -> None:
            (second if first.is_set() else first).set()

        task = task_of(flask, work)
        task.ask()
        assert first.wait(PATIENCE)
        while not second.wait(0.001):
            task.ask()


class TestStart:
    def test_does_it_every_interval(self, flask: Flask) -> None:
        work = Work(times=3)

        task_of(flask, work, interval=0.001).start()

        assert work.done.wait(PATIENCE)
        assert len(work.names) == 3

    def test_begins_one_thread_however_often_it_is_called(self, flask: Flask) -> None:
        def waits_for_ever() -> None: ...

        task = task_of(flask, waits_for_ever)
        for _ in range(3):
            task.start()

        names = [thread.name for thread in threading.enumerate()]
        assert names.count(waits_for_ever.__qualname__) == 1


class TestRun:
    def test_logs_a_failure_and_goes_on(
        self, flask: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fails() -> None:
            raise OSError("the disk is full")

        with caplog.at_level(logging.ERROR):
            task_of(flask, fails).run()

        assert "fails failed" in caplog.text
        assert "the disk is full" in caplog.text

    def test_is_tried_again_after_a_failure(self, flask: Flask) -> None:
        work, failed = Work(), threading.Event()

        def fails_once() -> None:
            if not failed.is_set():
                failed.set()
                raise OSError("away")
            work()

        task_of(flask, fails_once, interval=0.001).start()

        assert work.done.wait(PATIENCE)


class TestAll:
    def test_tasks_of_an_app_are_its_own(self, flask: Flask) -> None:
        task = task_of(flask, Work())

        assert tasks(flask) == [task]
        assert tasks(Flask("other")) == []

    def test_start_all_begins_what_an_earlier_process_left(self, flask: Flask) -> None:
        work = Work()
        task_of(flask, work, interval=0.001)

        start_all(flask)

        assert work.done.wait(PATIENCE)

    def test_finish_all_does_each_here_even_when_one_fails(self, flask: Flask) -> None:
        def fails() -> None:
            raise OSError("away")

        first, last = Work(), Work()
        for function in (first, fails, last):
            task_of(flask, function)

        finish_all(flask)

        assert first.names == last.names == [threading.main_thread().name]
