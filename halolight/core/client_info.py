"""Client of the current context: who records and limits are about, without passing it along."""

import dataclasses as dc
from contextvars import ContextVar

MAX_PAGE = 100  # rows of a list that one call may ask for


@dc.dataclass(frozen=True, slots=True)
class ClientInfo:
    """IP address, user agent and request id, as the request states them.

    The rest no request can state: only what serves a client of its own kind sets it.
    """

    ip: str | None = None
    user_agent: str = ""
    request_id: str | None = None
    max_page: int = MAX_PAGE
    renews_tokens: bool = True  # else its access token lives as long as its refresh token


NO_CLIENT = ClientInfo()  # of commands and background tasks

# The middleware sets it for each request.
client_info: ContextVar[ClientInfo] = ContextVar("client_info", default=NO_CLIENT)
