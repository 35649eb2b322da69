"""Client of the current context: who records and limits are about, without passing it along."""

import dataclasses as dc
import ipaddress
from contextvars import ContextVar
from functools import lru_cache

IPV6_SITE = 64  # bits: what one customer has, who may use any address in it (RFC 6177)

MAX_PAGE = 100  # rows of a list that one call may ask for


@dc.dataclass(frozen=True, slots=True)
class ClientInfo:
    """IP address, user agent, request id and languages, as the request states them.

    The rest no request can state: only what serves a client of its own kind sets it.
    """

    ip: str | None = None
    user_agent: str = ""
    request_id: str | None = None
    accept_language: str = ""
    max_page: int = MAX_PAGE
    renews_tokens: bool = True  # else its access token lives as long as its refresh token


NO_CLIENT = ClientInfo()  # of commands and background tasks

# The middleware sets it for each request.
client_info: ContextVar[ClientInfo] = ContextVar("client_info", default=NO_CLIENT)


@lru_cache(maxsize=1024)
def network_of(address: str | None) -> str:
    """What limits per address count by: an IPv4 address, or the /64 of an IPv6 address.

    IPv4-mapped addresses (`::ffff:192.0.2.1`) are IPv4. Without an address, as in commands, `-`.
    """
    if not address:
        return "-"
    ip = _parsed(address)
    if ip is None:  # a path, where the server listens on a Unix socket
        return address[:45]
    return str(ip if ip.version == 4 else ipaddress.IPv6Network((ip, IPV6_SITE), strict=False))


@lru_cache(maxsize=1024)
def is_this_machine(address: str | None) -> bool:
    """Whether it is a loopback address."""
    ip = _parsed(address or "")
    return ip is not None and ip.is_loopback


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if ip.version == 6 else ip
