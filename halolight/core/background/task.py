"""Work that outlives its request: done soon after it is asked for, by this same process.

A thread of its own (a greenlet under gevent). What must not be lost belongs in a table that the
task reads; a task that only gathers numbers is flushed at a normal stop.
"""

import logging
import threading
from collections.abc import Callable

from flask import Flask

from halolight.core import crashes
from halolight.core.metric_families import BACKGROUND_RUNS, background_run

log = logging.getLogger(__name__)


class BackgroundTask:
    """Runs `function` `delay` seconds after `ask()`, and every `interval` seconds besides.

    With `at_stop` it also runs when the process stops normally.
    """

    def __init__(
        self,
        app: Flask,
        function: Callable[[], None],
        *,
        delay: float,
        interval: float | None,
        at_stop: bool,
        name: str = "",
    ) -> None:
        self._app = app
        self._function = function
        self._delay = delay
        self._interval = interval
        self.at_stop = at_stop
        self._name = name or function.__qualname__  # in the log and the metrics
        self._asked = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        BACKGROUND_RUNS.labels(self._name, "failed")  # a series that begins at 0
        app.extensions.setdefault("background_tasks", []).append(self)

    def ask(self) -> None:
        """Have it run soon. In tests nothing runs by itself: they call `run()`."""
        if not self._asked.is_set() and not self._app.testing:
            self._asked.set()
            self.start()

    def start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
                self._thread.start()

    def run(self) -> None:
        """Run it now, here. A failure is logged, and the next run tries again."""
        with self._app.app_context():
            try:
                with background_run(self._name):
                    self._function()
            except Exception as error:
                log.exception("%s failed", self._name)
                crashes.report(error, self._name)

    def _loop(self) -> None:
        pause = threading.Event()
        while True:
            self._asked.wait(self._interval)
            pause.wait(self._delay)
            self._asked.clear()
            self.run()


def tasks(app: Flask) -> list[BackgroundTask]:
    return list(app.extensions.get("background_tasks", []))


def start_all(app: Flask) -> None:
    """Begin the work that an earlier process left."""
    for task in tasks(app):
        task.ask()


def finish_all(app: Flask) -> None:
    """Write what is still only in memory; called when a worker stops."""
    for task in tasks(app):
        if task.at_stop:
            task.run()
