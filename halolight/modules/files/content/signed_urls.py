"""Links that open one file for a while without a token: to download it, and to its thumbnail."""

import datetime as dt
import hashlib
from functools import lru_cache
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from halolight.core.access import CurrentUser
from halolight.core.clock import CLOCK_LEEWAY, utcnow
from halolight.core.db.reads import Row
from halolight.core.errors import Forbidden, NotFound
from halolight.core.i18n import _
from halolight.extensions import db

from ..queries import FILES, HOLDER
from . import downloading

LIFE = dt.timedelta(minutes=5)
HOUR = 3600  # seconds
NOT_VALID = _("This link is no longer valid. Request a new one.")

# Both sign with a key that is derived from the secret of the tokens, for this purpose only.
_HMAC = {"key_derivation": "hmac", "digest_method": hashlib.sha256}


def _serializer() -> URLSafeTimedSerializer:
    secret = current_app.config["JWT_SECRET_KEY"]
    return URLSafeTimedSerializer(secret, salt="halolight.files", signer_kwargs=_HMAC)


@lru_cache(maxsize=8)
def _thumbnail_serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="halolight.thumbnails", signer_kwargs=_HMAC)


def sign_thumbnail(secret: str, user_id: int, file_id: int) -> str:
    """The address of a thumbnail for where no token can be sent, as in the `src` of an `img`.

    It ends after one to two hours, and stays the same for one, so that browsers can keep it.
    """
    ends = (int(utcnow().timestamp()) // HOUR + 2) * HOUR
    signed = _thumbnail_serializer(secret).dumps([file_id, user_id, ends])
    return f"/api/files/thumbnail?signed={signed!s}"


def redeem_thumbnail(signed: str) -> Row:
    """The file whose thumbnail a link is for, if who has got it may still see the file."""
    try:
        claims: Any = _thumbnail_serializer(current_app.config["JWT_SECRET_KEY"]).loads(signed)
        file_id, user_id, ends = claims
    except (BadSignature, ValueError):
        raise Forbidden(NOT_VALID, reason="link") from None
    if ends <= utcnow().timestamp():
        raise Forbidden(NOT_VALID, reason="link")
    return downloading.with_thumbnail(_holder(user_id), file_id)


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
        raise Forbidden(NOT_VALID, reason="link") from None
    if not -CLOCK_LEEWAY <= utcnow() - signed_at <= LIFE:
        raise Forbidden(NOT_VALID, reason="link")
    file = downloading.downloadable(_holder(user_id), file_id)
    if file.checksum != checksum:
        raise NotFound(FILES.not_found)
    return file


def _holder(user_id: int) -> CurrentUser:
    """Who has a ticket, as they are now. Raises `NotFound` if they may see no files."""
    row = db.row(HOLDER, user_id=user_id)
    if row is None:
        raise NotFound(FILES.not_found)
    holder = CurrentUser(row.id, row.name, row.role, frozenset(row.permissions), session_id=0)
    if not holder.can("files:view"):
        raise NotFound(FILES.not_found)
    return holder
