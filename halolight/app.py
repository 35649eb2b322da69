"""The application factory. Read it top to bottom: it is the table of contents."""

import os
from typing import Any

from flask import Flask
from flask import Request as FlaskRequest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import MapAdapter

from . import dialects, docs, modules, tracing
from .config import Config
from .core import logs, metrics
from .core.http import cors, error_handlers, ratelimit
from .core.http.json import OrjsonProvider
from .core.http.middleware import Middleware, secret_addresses
from .core.storage import stores
from .core.storage.uploads import Request
from .extensions import api, db, jwt, live, outbox
from .settings import flask_settings


def runs_in_gunicorn() -> bool:
    return os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn")


class Application(Flask):
    request_class = Request

    def ensure_sync(self, func: Any) -> Any:
        """There is no async view here: nothing has to look for one, four times a request."""
        return func

    def create_url_adapter(self, request: FlaskRequest | None) -> MapAdapter | None:
        """No route depends on the host: nothing has to read and encode it."""
        if request is None:
            return None
        environ = request.environ
        return self.url_map.bind(
            "",
            environ.get("SCRIPT_NAME", ""),
            url_scheme=environ["wsgi.url_scheme"],
            default_method=environ["REQUEST_METHOD"],
            path_info=environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace"),
            query_args=environ.get("QUERY_STRING", ""),
        )


def create_app(config: Config | None = None) -> Flask:
    """An application with these settings, or with those of the environment.

    Raises `SettingError`, which ends the process with one line, when a setting is wrong.
    """
    config = config or Config.from_env()
    logs.configure(config.LOG_LEVEL, config.LOG_FORMAT)
    app = Application("halolight", static_folder=None)
    app.config.from_mapping(flask_settings(config, app.instance_path))
    app.json = OrjsonProvider(app)

    db.init_app(app)
    jwt.init_app(app)
    cors.init_app(app)
    api.init_app(app)
    outbox.init_app(app)
    live.init_app(app)

    error_handlers.init_app(app)
    ratelimit.init_app(app)
    metrics.init_app(app)
    modules.init_app(app, api)
    docs.init_app(app)
    if runs_in_gunicorn():
        with app.app_context():
            stores.current()  # boto3 takes half a second to load: here, not in a request
        if config.SENTRY_DSN:
            tracing.report_crashes(config)
    else:
        from . import cli  # 11 MB of Alembic, which no server needs

        cli.init_app(app)

    access_log = logs.access_log(config.LOG_LEVEL, config.LOG_FORMAT)
    secret = dialects.mounted(secret_addresses(app.url_map))
    app.wsgi_app = Middleware(  # type: ignore[method-assign]
        dialects.mount(app), modules.SHORTCUTS, access_log, secret
    )
    if n := config.TRUSTED_PROXIES:
        app.wsgi_app = ProxyFix(app.wsgi_app, n, n, n)  # type: ignore[method-assign]
    if runs_in_gunicorn() and tracing.wants_traces(os.environ):
        app.wsgi_app = app.extensions["tracing"] = tracing.trace_requests(app.wsgi_app)  # type: ignore[method-assign]
    return app
