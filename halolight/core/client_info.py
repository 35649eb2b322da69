"""Client of the current context: who records and limits are about, without passing it along."""

import dataclasses as dc
import ipaddress
from contextvars import ContextVar


@dc.dataclass(frozen=True, slots=True)
class ClientInfo:
    """IP address, user agent and request id, as the request states them."""

    ip: str | None = None
    user_agent: str = ""
    request_id: str | None = None


Network = ipaddress.IPv4Address | ipaddress.IPv6Network

NO_CLIENT = ClientInfo()  # of commands and background tasks

# The middleware sets it for each request.
client_info: ContextVar[ClientInfo] = ContextVar("client_info", default=NO_CLIENT)


def network_of(address: str) -> Network | None:
    """What counts as one client: an IPv4 address, or an IPv6 network of 64 bits.

    None for this machine, on which a proxy may run, and for what is no address.
    """
    ip = _parsed(address)
    if ip is None or ip.is_loopback:
        return None
    return ip if ip.version == 4 else ipaddress.IPv6Network((ip, 64), strict=False)


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
