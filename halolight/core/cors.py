"""CORS: which origins a browser may call from (OWASP ASVS 3.4.2)."""

from flask import Flask, Response, request
from flask_cors.core import get_cors_options, set_cors_headers

EXPOSED = ["X-Request-ID", "ETag", "Retry-After", "Content-Disposition"]


def init_app(app: Flask) -> None:
    options = get_cors_options(
        app,
        {
            "origins": list(app.config["CORS_ORIGINS"]),
            "supports_credentials": "*" not in app.config["CORS_ORIGINS"],
            "expose_headers": EXPOSED,
            "max_age": 600,
        },
    )

    @app.after_request
    def answer_cors(response: Response) -> Response:
        """Flask-CORS at work only when a browser names an origin: it costs every request else.

        That answers differ by origin (`Vary`) is said of all of them, by the middleware.
        """
        if "HTTP_ORIGIN" in request.environ:
            set_cors_headers(response, options)
        return response
