"""The modules of the API, in the order the documentation shows them."""

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

from halolight.core.api import Api

from .health.answer import health_json

# Answered before Flask: an orchestrator asks often, and a busy service must not look dead.
SHORTCUTS = {"/health": health_json}

MODULES = (
    *("auth", "users", "roles", "permissions", "teams"),
    *("documents", "files", "folders", "messages", "conversations", "calendar"),
    *("notifications", "dashboard", "orders", "products", "audit", "health"),
)


def import_models() -> None:
    """All tables, before the first statement makes SQLAlchemy look for what they refer to."""
    for name in MODULES:
        if find_spec(f"{__name__}.{name}.models"):
            import_module(f"{__name__}.{name}.models")


def init_app(app: Flask, api: Api) -> None:
    """Import every module's routes and register them at the address their blueprint names."""
    import_models()
    for name in MODULES:
        routes = import_module(f"{__name__}.{name}.routes")
        api.register_blueprint(routes.blp)
        if hasattr(routes, "init_app"):
            routes.init_app(app)
