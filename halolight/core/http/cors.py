"""CORS: which origins a browser may call from (OWASP ASVS 3.4.2)."""

import re

from flask import Flask, Response, request
from flask_cors import cross_origin

EXPOSED = ["X-Request-ID", "ETag", "Retry-After", "Content-Disposition", "Content-Range"]


def init_app(app: Flask) -> None:
    origins = app.config["CORS_ORIGINS"]
    anywhere = "*" in origins

    @cross_origin(
        # Compiled by us: it takes a text with brackets in it for an expression of its own.
        origins="*" if anywhere else [re.compile(f"^{re.escape(o)}$") for o in origins],
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
        return with_cors(Response() if _is_preflight_of_nothing(response) else response)


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
