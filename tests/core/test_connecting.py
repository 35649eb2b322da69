"""Opening connections to PostgreSQL."""

import time
from functools import partial
from typing import Any, NoReturn
from unittest.mock import Mock

import psycopg2
import pytest

from halolight.core.db.connecting import AT_ONCE, Opener
from tests.server.load import at_once

CALLERS = 5 * AT_ONCE


def test_one_that_fails_also_ends_the_wait_of_those_that_have_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempts = []

    def fail(*_: Any, **__: Any) -> NoReturn:
        attempts.append(1)
        time.sleep(0.3)  # until all callers have asked for a connection
        raise psycopg2.OperationalError

    monkeypatch.setattr(psycopg2, "connect", fail)
    connect = partial(Opener(prepare=None).connect, Mock(), Mock(), [], {})

    def refused() -> bool:
        with pytest.raises(psycopg2.OperationalError):
            connect()
        return True

    assert all(at_once([refused] * CALLERS))
    assert AT_ONCE <= len(attempts) < CALLERS
