"""CORS: which origins a browser may call from (OWASP ASVS 3.4.2)."""

import json
import logging
import re

from flask import Flask, Response, current_app, request
from flask_cors import cross_origin

from halolight.core.errors import Forbidden
from halolight.core.i18n import _

log = logging.getLogger(__name__)

LOOPBACK = re.compile(r"^https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?$")

# What a refused origin has to look like to be logged, and how many of them are.
PLAIN = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]{1,255}")
MOST_LOGGED = 20

EXPOSED = [
    *("X-Request-ID", "ETag", "Link", "Content-Disposition", "Content-Range"),
    *("Retry-After", "RateLimit", "RateLimit-Policy"),
]


def init_app(app: Flask) -> None:
    origins = app.config["CORS_ORIGINS"]
    anywhere = "*" in origins
    # Compiled by us: Flask-CORS takes a text with brackets in it for an expression of its own.
    allowed = [re.compile(f"^{re.escape(origin)}$") for origin in origins]
    if app.config["CORS_ANY_LOOPBACK"]:
        allowed.append(LOOPBACK)
    refused: set[str] = set()
    app.extensions["allowed_origins"] = None if anywhere else allowed

    @cross_origin(
        origins="*" if anywhere else allowed,
        supports_credentials=not anywhere,
        expose_headers=EXPOSED,
        max_age=600,
        automatic_options=False,  # Flask has answered them already
    )
    def with_cors(response: Response) -> Response:
        return response

    @app.after_request
    def answer_cors(response: Response) -> Response:
        """Flask-CORS at work only when a browser names an origin: it costs every request else.

        That answers differ by origin (`Vary`) is said of all of them, by the middleware.
        """
        if "HTTP_ORIGIN" not in request.environ:
            return response
        vary = response.headers.get("Vary")  # Flask-CORS would add another line to it
        answer = with_cors(Response() if _is_preflight_of_nothing(response) else response)
        if vary:
            answer.headers["Vary"] = vary
        if "Access-Control-Allow-Origin" not in answer.headers:
            _warn_once(request.environ["HTTP_ORIGIN"], refused)
        return answer


def check_origin() -> None:
    """Refuse a page of an origin that may not read the answer. Raises `Forbidden`.

    Browsers keep such an answer from the page, but they do receive it: a stream would stay open.
    """
    origin = request.headers.get("Origin")
    allowed: list[re.Pattern[str]] | None = current_app.extensions["allowed_origins"]
    if origin is None or allowed is None or _is_own(origin):
        return
    if not any(pattern.match(origin) for pattern in allowed):
        raise Forbidden(_("This origin is not allowed."))


def _is_own(origin: str) -> bool:
    """Whether the page comes from this server, which needs no permission."""
    return origin.partition("://")[2] == request.host


def _warn_once(origin: str, refused: set[str]) -> None:
    """Say which setting lets a front end in: its browser only says "Failed to fetch".

    A page of this server needs no permission, though the browser names its origin, too.
    """
    if not PLAIN.fullmatch(origin) or _is_own(origin):
        return
    if origin in refused or len(refused) >= MOST_LOGGED:
        return
    refused.add(origin)
    line = json.dumps([*current_app.config["CORS_ORIGINS"], origin])
    log.warning("refused the origin %s; to allow it, set CORS_ORIGINS='%s'", origin, line)


def _is_preflight_of_nothing(response: Response) -> bool:
    """Whether a browser asks if it may call an address of the API that does not exist.

    It may: else it would tell its user of CORS, and not of the 404 that the call then gets.
    """
    return (
        response.status_code == 404
        and request.method == "OPTIONS"
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.environ
        and f"{request.path}/".startswith("/api/")
    )
