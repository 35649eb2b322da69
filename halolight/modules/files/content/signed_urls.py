"""Links that let who has them download one file for some minutes, without a token."""

import datetime as dt
import hashlib

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from halolight.core.access import CurrentUser
from halolight.core.clock import CLOCK_LEEWAY, utcnow
from halolight.core.db.reads import Row
from halolight.core.errors import Forbidden, NotFound
from halolight.extensions import db

from ..queries import FILES, HOLDER
from . import downloading

LIFE = dt.timedelta(minutes=5)


def _serializer() -> URLSafeTimedSerializer:
    """Signs with a key that is derived from the secret of the tokens, for this purpose only."""
    options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    secret = current_app.config["JWT_SECRET_KEY"]
    return URLSafeTimedSerializer(secret, salt="halolight.files", signer_kwargs=options)


def sign_url(user: CurrentUser, file_id: int) -> tuple[str, dt.datetime]:
    """What the link carries, and until when it is good."""
    file = downloading.downloadable(user, file_id)
    ticket = str(_serializer().dumps([file_id, file.checksum, user.id]))
    return ticket, utcnow().replace(microsecond=0) + LIFE


def redeem(ticket: str) -> Row:
    """The bytes that a ticket is for, if who asked for it may still have them.

    It may come from a machine whose clock is ahead; it ends by the clock of this one.
    """
    try:
        claims, signed_at = _serializer().loads(ticket, return_timestamp=True)
        file_id, checksum, user_id = claims
    except (BadSignature, ValueError):
        raise _not_valid() from None
    if not -CLOCK_LEEWAY <= utcnow() - signed_at <= LIFE:
        raise _not_valid()
    row = db.row(HOLDER, user_id=user_id)
    if row is None:
        raise NotFound(FILES.not_found)
    holder = CurrentUser(row.id, row.name, row.role, frozenset(row.permissions), session_id=0)
    if not holder.can("files:view"):
        raise NotFound(FILES.not_found)
    file = downloading.downloadable(holder, file_id)
    if file.checksum != checksum:
        raise NotFound(FILES.not_found)
    return file


def _not_valid() -> Forbidden:
    return Forbidden("This link is not valid, or not any more")
