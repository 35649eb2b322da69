"""Our settings, translated into those of Flask and its extensions."""

import dataclasses as dc
import logging
import os
import secrets
from pathlib import Path
from typing import Any

import limits

from . import __version__
from .config import Config
from .core.db.base import engine_options
from .core.http.bodies import MAX_BODY
from .parsers import MIN_SECRET_BYTES

log = logging.getLogger(__name__)

ISSUER = "halolight"

DESCRIPTION = """The REST API of the HaloLight admin dashboards.

To try it, run `POST /api/auth/login`, copy the `accessToken` from the response, and paste it into
*Authorize*.

A successful response is `{"success": true, "data": ..., "message": ...}`. An error is
`{"success": false, "error": {"code": ..., "message": ..., "details": [...]}}`; `details` lists the
invalid fields. `PUT` and `PATCH` on the same path are equivalent: both change only the fields in
the request body. Every response has an `X-Request-ID` header.
"""


def flask_settings(config: Config, instance_path: str) -> dict[str, Any]:
    """Everything `app.config` holds: our settings under their own names, and the extensions'."""
    own = {field.name: getattr(config, field.name) for field in dc.fields(config)}
    return own | {
        **{name: limits.parse(text) if text else None for name, text in config.limits.items()},
        "WORKERS": config.workers,
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
        "JWT_SECRET_KEY": config.JWT_SECRET or _development_secret(Path(instance_path)),
        "JWT_ACCESS_TOKEN_EXPIRES": config.JWT_ACCESS_EXPIRES,
        "JWT_REFRESH_TOKEN_EXPIRES": config.JWT_REFRESH_EXPIRES,
        "JWT_ALGORITHM": "HS256",
        "JWT_ENCODE_ISSUER": ISSUER,
        "JWT_ENCODE_AUDIENCE": ISSUER,
        # Nothing random or of the moment in a token: it can be made again from its session.
        "JWT_ENCODE_NBF": False,
        "JWT_COOKIE_CSRF_PROTECT": False,
    }


def _development_secret(instance: Path) -> str:
    """The secret of this checkout, made at its first start, so that sign-ins survive a restart."""
    path = instance / "jwt_secret"
    try:
        instance.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(MIN_SECRET_BYTES))
    log.info("made a secret for development in %s", path)
    return path.read_text().strip()
