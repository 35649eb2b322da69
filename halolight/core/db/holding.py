"""One transaction for a change and for its stored response.

A service commits its change, and then reads its response. While its session is held, that commit
only flushes to the transaction, and later reads run within it. The holder of the session commits
everything at once, or nothing.
"""

import dataclasses as dc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask_sqlalchemy.session import Session
from sqlalchemy.orm import Session as AnySession


@dc.dataclass(eq=False, slots=True)
class Held:
    """A session, whether its service has committed, and what has to wait for the real commit."""

    session: AnySession
    committed: bool = False
    afterwards: list[Callable[[], object]] = dc.field(default_factory=list)


# Greenlets inherit it from the one that starts them, so each use compares the session.
_held: ContextVar[Held | None] = ContextVar("held", default=None)


class HoldableSession(Session):
    """Flask-SQLAlchemy's session, whose commit waits while it is held."""

    def commit(self) -> None:
        held = _held.get()
        if held is None or held.session is not self:
            super().commit()
            return
        self.flush()
        held.committed = True


def held() -> Held | None:
    """What the current context holds, if it holds a session whose service has committed."""
    current = _held.get()
    return current if current is not None and current.committed else None


def after_commit(session: AnySession, function: Callable[[], object]) -> None:
    """Call the function when the session has really committed: now, unless it is held."""
    if (current := held()) and current.session is session:
        current.afterwards.append(function)
    else:
        function()


@contextmanager
def hold(session: AnySession) -> Iterator[Held]:
    """Hold the session until `commit`. Uncommitted changes are rolled back at the end."""
    held = Held(session)
    before = _held.set(held)
    try:
        yield held
    finally:
        _held.reset(before)
        session.rollback()


def commit(held: Held) -> None:
    """Commit the changes of the service, and then call the functions that waited for it."""
    before = _held.set(None)
    try:
        held.session.commit()
        for each in held.afterwards:
            each()
    finally:
        _held.reset(before)
