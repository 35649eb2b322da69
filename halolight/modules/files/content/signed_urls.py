"""Links that let who has them download one file for some minutes, without a token."""

import datetime as dt
import hashlib
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
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
    """The bytes that a ticket is for, if who asked for it may still have them."""
    try:
        claims: Any = _serializer().loads(ticket, max_age=int(LIFE.total_seconds()))
        file_id, checksum, user_id = claims
    except (BadSignature, ValueError):
        raise Forbidden("This link is not valid, or not any more") from None
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
