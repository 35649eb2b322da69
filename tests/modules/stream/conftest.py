"""Streams that last until the test is over."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

from tests.api_client import ApiClient

from .reading import Reader

Open = Callable[..., Reader]


@pytest.fixture
def listen(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a stream as somebody: `listen(user)`, `listen(user, after="7-3")`."""
    monkeypatch.setattr(app.extensions["live"], "lifetime", 60.0)
    monkeypatch.setattr("halolight.core.live.streams.HEARTBEAT", 0.02)
    with ExitStack() as stack:

        def open_stream(client: ApiClient, after: str | None = None, **kwargs: Any) -> Reader:
            headers = {"Last-Event-ID": after} if after else {}
            return stack.enter_context(Reader(client, headers, **kwargs))

        yield open_stream
