"""Mail addresses: the form in which they are stored and compared, and the one for sending.

The domain may be internationalised (RFC 5890, UTS #46). It is stored in Unicode, and in letters
of ASCII (`xn--...`) where mail is sent: so the servers of all others can deliver it, too.
"""

import unicodedata
from email.utils import formataddr, parseaddr

import idna
import marshmallow as ma

MAX_LOCAL = 64  # octets before the @ (RFC 5321, 4.5.3.1.1)
MAX_ADDRESS = 254  # octets of the whole: a path has 256 with its brackets (4.5.3.1.3)
MAX_LABEL = 63  # octets between two dots of the domain (RFC 1035, 2.3.4)

_check_syntax = ma.validate.Email()


def canonical(address: str) -> str:
    """The form of an address that is stored: equal for all spellings of it. Raises `ValueError`."""
    local, at, domain = unicodedata.normalize("NFKC", address.strip()).lower().rpartition("@")
    ascii_domain = _ascii_domain(domain)
    ascii_address = f"{local}{at}{ascii_domain}"
    try:
        _check_syntax(ascii_address)
    except ma.ValidationError as error:
        raise ValueError("not a mail address") from error
    labels = ascii_domain.split(".")
    if (
        len(local.encode()) > MAX_LOCAL
        or len(ascii_address.encode()) > MAX_ADDRESS
        or max(map(len, labels)) > MAX_LABEL
    ):
        raise ValueError("a part of the mail address is too long")
    return f"{local}@{idna.decode(ascii_domain)}" if "xn--" in ascii_domain else ascii_address


def as_typed(text: str) -> str:
    """The canonical form of what may be an address; of anything else, the text in lower case."""
    try:
        return canonical(text)
    except ValueError:
        return text.strip().lower()


def for_sending(address: str) -> str:
    """The address, perhaps with a name, with its domain in ASCII. For headers of mails."""
    name, bare = parseaddr(address)
    local, at, domain = bare.rpartition("@")
    try:
        ascii_domain = _ascii_domain(domain)
    except ValueError:  # stored before such domains were refused
        return address
    bare = f"{local}{at}{ascii_domain}"
    return formataddr((name, bare)) if name else bare


def _ascii_domain(domain: str) -> str:
    """Raises `ValueError` (of which `idna.IDNAError` is one)."""
    if domain.isascii() and "xn--" not in domain:
        return domain
    return idna.encode(domain, uts46=True).decode()
