import io
from typing import IO

import gevent
import pytest

from halolight.core.errors import Invalid
from halolight.core.storage import uploads


class Slow(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        gevent.sleep(0.5)
        return b"at last"


class TestPatience:
    def read(self, stream: IO[bytes]) -> bytes:
        return uploads.StreamWithReadTimeout(stream).read(10)

    def test_waits_for_what_comes(self) -> None:
        assert self.read(Slow()) == b"at last"
        assert self.read(io.BytesIO(b"hello")) == b"hello"

    def test_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(uploads, "PATIENCE", 0.05)

        with pytest.raises(Invalid, match="has not come"):
            self.read(Slow())
