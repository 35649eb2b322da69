"""Random tokens in links and sessions. Only their hashes are stored."""

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """256 random bits, for a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is kept of a random token. It has 128 bits or more, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
