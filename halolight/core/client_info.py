"""Client of the current context: who records and limits are about, without passing it along."""

import dataclasses as dc
from contextvars import ContextVar


@dc.dataclass(frozen=True, slots=True)
class ClientInfo:
    """IP address, user agent and request id, as the request states them."""

    ip: str | None = None
    user_agent: str = ""
    request_id: str | None = None


NO_CLIENT = ClientInfo()  # of commands and background tasks

# The middleware sets it for each request.
client_info: ContextVar[ClientInfo] = ContextVar("client_info", default=NO_CLIENT)
