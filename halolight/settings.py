"""Our settings, translated into those of Flask and its extensions."""

import dataclasses as dc
import logging
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import limits

from . import __version__
from .config import Config
from .core.db.engine import engine_options
from .core.http.bodies import MAX_BODY
from .parsers import MIN_SECRET_BYTES
from .setting import SettingError

log = logging.getLogger(__name__)

ISSUER = "halolight"

DESCRIPTION = """The REST API of the HaloLight admin dashboards.

To try it in Swagger UI, sign in at the top of the page; the token renews itself. Or run
`POST /api/auth/login` and paste the `accessToken` from the response into *Authorize*.

A successful response is `{"success": true, "data": ..., "message": ...}`. An error is
`{"success": false, "error": {"code": ..., "message": ..., "details": [...]}}`; `details` lists the
invalid fields, each with a `code`. Messages are in English or Chinese, as `Accept-Language` asks;
codes are the same in both. `PUT` and `PATCH` on the same path are equivalent: both change only the
fields in the request body. Every response has an `X-Request-ID` header, pages have a `Link` header,
and where requests are limited, responses have `RateLimit` headers.
"""


def flask_settings(config: Config, instance_path: str) -> dict[str, Any]:
    """Everything `app.config` holds: our settings under their own names, and the extensions'."""
    own = {field.name: getattr(config, field.name) for field in dc.fields(config)}
    return own | {
        **{name: limits.parse(text) if text else None for name, text in config.limits.items()},
        "WORKERS": config.workers,
        "CORS_ANY_LOOPBACK": config.any_loopback,
        "TESTING": config.NODE_ENV == "test",
        "MAX_CONTENT_LENGTH": MAX_BODY,  # uploads have a limit of their own
        "SQLALCHEMY_DATABASE_URI": config.DATABASE_URL,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(
            config.DATABASE_URL,
            pool_size=config.DB_POOL_SIZE,
            max_overflow=config.DB_MAX_OVERFLOW,
            timeout=config.DB_POOL_TIMEOUT,
        ),
        **_token_settings(config, instance_path),
        "API_TITLE": "HaloLight API",
        "API_VERSION": __version__,
        "API_SPEC_OPTIONS": {
            "info": {"description": DESCRIPTION},
            "servers": [{"url": "/", "description": "This server"}],
        },
        "OPENAPI_VERSION": "3.1.0",  # the pages that show it are our own, in docs.py
    }


def _token_settings(config: Config, instance_path: str) -> dict[str, Any]:
    return {
        "JWT_SECRET_KEY": config.JWT_SECRET or generated_secret(Path(instance_path)),
        "JWT_ACCESS_TOKEN_EXPIRES": config.JWT_ACCESS_EXPIRES,
        "JWT_REFRESH_TOKEN_EXPIRES": config.JWT_REFRESH_EXPIRES,
        "JWT_ALGORITHM": "HS256",
        "JWT_ENCODE_ISSUER": ISSUER,
        "JWT_ENCODE_AUDIENCE": ISSUER,
        # Nothing random or of the moment in a token: it can be made again from its session.
        "JWT_ENCODE_NBF": False,
        "JWT_COOKIE_CSRF_PROTECT": False,
    }


def generated_secret(instance: Path) -> str:
    """The secret of this installation, made at its first start, so that sessions survive a restart.

    Raises `SettingError` if it cannot be kept.
    """
    try:
        return _kept_secret(instance / "jwt_secret")
    except OSError as error:
        fault = f"cannot be kept in {instance}: {error.strerror}; make it writable, or set one"
        raise SettingError("JWT_SECRET", fault, "$(openssl rand -hex 32)") from None


def _kept_secret(path: Path) -> str:
    """The file appears with its content: processes that start at once agree on one secret."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".jwt_secret-") as file:
            file.write(secrets.token_hex(MIN_SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(file.name, path)
                log.info("made a secret in %s", path)
    return path.read_text().strip()
