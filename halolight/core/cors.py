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
        """Flask-CORS at work only when a browser names an origin: it costs every request else."""
        if "Origin" in request.headers:
            set_cors_headers(response, options)
        else:
            response.vary.add("Origin")
        return response
