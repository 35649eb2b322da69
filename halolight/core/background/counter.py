"""Counters that are written in batches, so that a read stays a read."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from flask import Flask, current_app

from halolight.core.threads import brief_lock

from .task import BackgroundTask

Key = TypeVar("Key", bound=Hashable)

FLUSH_SECONDS = 2.0  # what a killed process loses at most


class BufferedCounter(Generic[Key]):
    """Increments by key, gathered in memory and handed to `write` some seconds later."""

    def __init__(self, name: str, write: Callable[[Counter[Key]], None]) -> None:
        self._name = f"counter_{name}"
        self._write = write
        self._lock = brief_lock()
        self._writing = threading.Lock()
        self._counts: Counter[Key] = Counter()

    def init_app(self, app: Flask) -> None:
        task = BackgroundTask(
            app,
            self.flush,
            delay=FLUSH_SECONDS,
            interval=None,
            at_stop=True,
            name=self._name,
        )
        app.extensions[self._name] = task

    def add(self, key: Key) -> None:
        with self._lock:
            self._counts[key] += 1
        current_app.extensions[self._name].ask()

    def flush(self) -> None:
        """Write what has gathered. What cannot be written is kept for the next time.

        It waits for a write that is under way: a process that stops must not cut that one off.
        """
        with self._writing:
            with self._lock:
                counts, self._counts = self._counts, Counter()
            if not counts:
                return
            try:
                self._write(counts)
            except Exception:
                with self._lock:
                    self._counts += counts
                raise
