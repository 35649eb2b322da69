"""Swagger UI, ReDoc and the OpenAPI document, all from this server, at both usual addresses."""

import hashlib
from importlib.resources import files

import orjson
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    render_template,
    request,
    send_from_directory,
)
from openapi_ui_bundles import redoc

from . import __version__
from .core.http.etags import conditional
from .extensions import api
from .modules.users.seed import DEMO_ACCOUNTS, DEMO_PASSWORD

SWAGGER_UI = str(files("flask_swagger_ui") / "dist")
ASSETS = {
    "logo-mini.svg": str(redoc.static_path),
    "docs.js": str(files("halolight") / "static"),
    "docs.css": str(files("halolight") / "static"),
}

# The pages need scripts and styles of this server, and nothing from anywhere else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)
CACHED = {"Cache-Control": "public, max-age=86400"}

pages = Blueprint("docs", __name__, template_folder="templates", static_folder=None)


def _page(template: str, **values: object) -> Response:
    html = render_template(template, title=api.spec.title, version=__version__, **values)
    return Response(html, headers={"Content-Security-Policy": POLICY})


@pages.get("/")
def show_home() -> Response:
    """What this is and where to go on; in development also how to sign in."""
    development = current_app.config["NODE_ENV"] == "development"
    accounts = [(email, role) for email, _, _, role in DEMO_ACCOUNTS] if development else []
    return _page("home.html", accounts=accounts, password=DEMO_PASSWORD, host=request.host_url)


@pages.get("/docs")
@pages.get("/api/docs")
def show_swagger_ui() -> Response:
    return _page("swagger_ui.html")


@pages.get("/redoc")
@pages.get("/api/redoc")
def show_redoc() -> Response:
    return _page("redoc.html")


@pages.get("/openapi.json")
@pages.get("/api/openapi.json")
def show_openapi() -> Response:
    document = current_app.extensions["openapi"]
    response = Response(document, mimetype="application/json")
    response.set_etag(hashlib.sha256(document).hexdigest())
    response.headers["Cache-Control"] = "no-cache"
    return conditional(response)


@pages.get("/docs/assets/redoc.standalone.js")
def show_redoc_script() -> Response:
    """ReDoc, with its one address elsewhere (of a logo) made ours."""
    script = (redoc.static_path / "redoc.standalone.js").read_bytes()
    ours = script.replace(
        b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"/docs/assets/logo-mini.svg"
    )
    return Response(ours, mimetype="text/javascript", headers=CACHED)


@pages.get("/docs/assets/<path:name>")
def show_asset(name: str) -> Response:
    response = send_from_directory(ASSETS.get(name, SWAGGER_UI), name, conditional=False)
    response.headers.update(CACHED)
    return conditional(response)


def init_app(app: Flask) -> None:
    """Register the pages. After the modules, because the document is written here, once."""
    app.extensions["openapi"] = orjson.dumps(api.spec.to_dict())
    app.register_blueprint(pages)
