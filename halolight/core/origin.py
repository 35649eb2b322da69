"""From where the work at hand was asked for: for what records who did what, and from where."""

import dataclasses as dc
from contextvars import ContextVar


@dc.dataclass(frozen=True, slots=True)
class Client:
    """Who sent a request, as far as the request itself tells."""

    ip: str | None = None
    user_agent: str = ""
    request_id: str | None = None


NOBODY = Client()  # the work of a command, or of the background

_client: ContextVar[Client] = ContextVar("client", default=NOBODY)


def enter(client: Client) -> None:
    """Say for whom this greenlet works from now on."""
    _client.set(client)


def client() -> Client:
    """For whom this greenlet works."""
    return _client.get()
