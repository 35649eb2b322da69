"""The two tokens of a session: made from its row alone, so that they can be made again."""

import datetime as dt
import re
from functools import lru_cache
from typing import Any

import jwt
from flask import current_app
from flask_jwt_extended import create_access_token, create_refresh_token

from halolight.core.client_info import client_info
from halolight.core.clock import CLOCK_LEEWAY, utcnow
from halolight.core.errors import Unauthorized
from halolight.core.schemas.base import MAX_INTEGER

from .models import Session

_KEY = re.compile(r"[0-9a-f]{32}")


def refresh_token(session: Session) -> str:
    """The live refresh token, valid until the session expires."""
    claims = _claims(session, "r", session.expires_at)
    return create_refresh_token(  # type: ignore[no-any-return]
        str(session.user_id), additional_claims=claims
    )


def access_token(session: Session) -> str:
    """The access token that goes with it. It never outlives the session."""
    claims = _claims(session, "a", _access_expires(session))
    return create_access_token(  # type: ignore[no-any-return]
        str(session.user_id), additional_claims=claims
    )


def access_seconds(session: Session) -> int:
    """For how many seconds from its making the access token is good."""
    return round((_access_expires(session) - session.last_used_at).total_seconds())


def _access_expires(session: Session) -> dt.datetime:
    if not client_info.get().renews_tokens:
        return session.expires_at
    life: dt.timedelta = current_app.config["JWT_ACCESS_EXPIRES"]
    return min(session.last_used_at + life, session.expires_at)


def _claims(session: Session, kind: str, expires: dt.datetime) -> dict[str, Any]:
    return {
        "sid": session.id,
        "key": session.key,
        "jti": session.token_id + kind,
        "iat": int(session.last_used_at.timestamp()),
        "exp": int(expires.timestamp()),
    }


def verify(token: str, kind: str) -> dict[str, Any]:
    """The claims of a valid `access` or `refresh` token of ours.

    Whatever is wrong with it, the answer is the same 401.
    """
    try:
        claims = _verified(token, current_app.config["JWT_SECRET_KEY"])
    except (jwt.exceptions.PyJWTError, ValueError):
        raise Unauthorized from None
    if claims["type"] != kind or claims["exp"] <= utcnow().timestamp():
        raise Unauthorized
    return claims


@lru_cache(maxsize=4096)
def _verified(token: str, secret: str) -> dict[str, Any]:
    """Check signature, issuer, audience and times. Only good tokens are remembered.

    A signature does not change; whether the session still lives is asked on every request. The
    leeway is for `iat` and `nbf`: that of `exp` has no effect, `verify` compares it exactly.
    """
    config = current_app.config
    claims: dict[str, Any] = jwt.decode(
        token,
        secret,
        algorithms=["HS256"],  # the only one ever accepted (RFC 8725, 3.1)
        audience=config["JWT_ENCODE_AUDIENCE"],
        issuer=config["JWT_ENCODE_ISSUER"],
        leeway=CLOCK_LEEWAY,
        options={"require": ["sub", "sid", "key", "jti", "type", "iat", "exp", "iss", "aud"]},
    )
    claims["user_id"] = int(claims["sub"])
    for name in ("user_id", "sid", "exp"):
        if type(claims[name]) is not int or not 0 < claims[name] <= MAX_INTEGER:
            raise ValueError(f"{name} is not a number that we give")
    if not isinstance(claims["key"], str) or not _KEY.fullmatch(claims["key"]):
        raise ValueError("key is not one that we give")
    return claims
