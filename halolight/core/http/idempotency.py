"""`Idempotency-Key` on POST (draft-ietf-httpapi-idempotency-key-header): safe retries.

The row of a key is written in the transaction of the change, together with the response. A process
that ends before the commit leaves neither, so the client can retry; after it, both are stored. If
requests with one key run at the same time, all but the first wait for that row and are rolled back.
"""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Response, current_app, request
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.access import current_user
from halolight.core.clock import utcnow
from halolight.core.db import holding
from halolight.core.db.base import Database, Model
from halolight.core.db.reads import Row
from halolight.core.errors import (
    ApiError,
    IdempotencyKeyReused,
    Invalid,
    ResponseNotKept,
    ServiceUnavailable,
)
from halolight.core.i18n import _

from . import bodies

HEADER = "Idempotency-Key"
LIFETIME = dt.timedelta(hours=24)
MAX_KEPT = 1000  # keys of a user; the oldest make room for the newest
MAX_ANSWER = 64 * 1024  # bytes; for a larger response, only the key is stored

DOCUMENTED = {
    "name": HEADER,
    "description": "Makes retries safe: within 24 hours, the same key with the"
    " same request returns the first response and changes nothing. Use a new random key (a UUID)"
    " for each new request. With another request, a used key is rejected (409,"
    " `IDEMPOTENCY_KEY_REUSED`).",
    # Without an example, which Swagger UI would send with every request.
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}

_KEY = re.compile(r"[ -~]{1,255}")


class IdempotencyKey(Model):
    """A key of a user, and the stored response. Keys of deleted users expire like others.

    It refers to no user, because that would lock the row of the user after all others.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.Index(None, "user_id", "created_at"),)

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    body: Mapped[str | None] = mapped_column(sa.Text)
    etag: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[dt.datetime]


KEPT = sa.select(
    IdempotencyKey.request_hash, IdempotencyKey.status, IdempotencyKey.body, IdempotencyKey.etag
).where(
    IdempotencyKey.user_id == sa.bindparam("user_id", type_=sa.Integer),
    IdempotencyKey.key_hash == sa.bindparam("key_hash", type_=sa.String),
    IdempotencyKey.created_at > sa.bindparam("since", type_=IdempotencyKey.created_at.type),
)


class Sent(NamedTuple):
    """The request that a key identifies."""

    user_id: int
    key_hash: str
    request_hash: str


def applies() -> bool:
    """Whether the request has a key, and supports keys."""
    return "HTTP_IDEMPOTENCY_KEY" in request.environ and request.method == "POST"


def once(view: Callable[..., Response], *args: Any, **kwargs: Any) -> Response:
    """The response of the view, or the stored response to the same request of this user."""
    db: Database = current_app.extensions["sqlalchemy"]
    sent = _sent()
    kept = _kept(db, sent)
    if kept is None:
        try:
            with holding.hold(db.session()) as held:
                response = _run(held, view, *args, **kwargs)
                if _keep(db, sent, response):
                    holding.commit(held)
                    return response
        except (ApiError, sa.exc.IntegrityError):
            # Where another request was faster, this one fails because of what that has changed.
            kept = _kept(db, sent)
            if kept is None:
                raise
        else:
            kept = _kept(db, sent)
    return _again(kept, sent)


def _sent() -> Sent:
    """Raises `Invalid` if the key is malformed."""
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        raise Invalid(
            _("Send 1 to 255 printable ASCII characters.", code="invalid_format"), field=HEADER
        )
    about = f"{request.path}?".encode() + request.query_string + b"\n" + bodies.whole(request)
    # With a key, because a body may contain a password, which could be guessed from a plain hash.
    secret = current_app.config["JWT_SECRET_KEY"].encode()
    request_hash = hmac.new(secret, about, hashlib.sha256).hexdigest()
    return Sent(current_user().id, hashlib.sha256(key.encode()).hexdigest(), request_hash)


def _run(held: holding.Held, view: Callable[..., Response], *args: Any, **kwargs: Any) -> Response:
    """The response of the view: a failure, too, if the service has committed a change before it."""
    try:
        return view(*args, **kwargs)
    except ApiError as error:
        if not held.committed or error.status >= 500:
            raise
        return current_app.make_response(current_app.handle_user_exception(error))


def _kept(db: Database, sent: Sent) -> Row | None:
    since = utcnow() - LIFETIME
    return db.row(KEPT, user_id=sent.user_id, key_hash=sent.key_hash, since=since)


def _keep(db: Database, sent: Sent, response: Response) -> bool:
    """Add the key to the transaction, unless it is there: then another request was faster."""
    now, body = utcnow(), response.get_data()
    row = {
        **sent._asdict(),
        "status": response.status_code,
        "body": body.decode() if len(body) <= MAX_ANSWER else None,
        "etag": response.headers.get("ETag"),
        "created_at": now,
    }
    expired = IdempotencyKey.created_at <= now - LIFETIME
    writing = (
        db.insert(IdempotencyKey)
        .values(row)
        .on_conflict_do_update(index_elements=["user_id", "key_hash"], set_=row, where=expired)
    )
    if db.session.scalar(writing.returning(IdempotencyKey.user_id)) is None:
        return False
    _make_room(db, sent.user_id)
    return True


def _make_room(db: Database, user_id: int) -> None:
    own = IdempotencyKey.user_id == user_id
    newest_first = sa.select(IdempotencyKey.created_at).where(own).order_by(sa.desc("created_at"))
    too_old = newest_first.offset(MAX_KEPT).limit(1).scalar_subquery()
    db.session.execute(sa.delete(IdempotencyKey).where(own, IdempotencyKey.created_at <= too_old))


def _again(kept: Row | None, sent: Sent) -> Response:
    """The stored response. Raises `Conflict` if it does not belong to the request."""
    if kept is None:
        raise ServiceUnavailable  # it has just expired
    if kept.request_hash != sent.request_hash:
        raise IdempotencyKeyReused
    if kept.body is None:
        raise ResponseNotKept
    response = current_app.response_class(kept.body, kept.status, mimetype="application/json")
    if kept.etag:
        response.headers["ETag"] = kept.etag
    return response


def prune_keys(db: Database) -> int:
    """Delete expired keys; return their number."""
    expired = sa.delete(IdempotencyKey).where(IdempotencyKey.created_at <= utcnow() - LIFETIME)
    deleted: int = db.session.execute(expired).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return deleted
