"""The modules of the API, in the order the documentation shows them, and what is found in them."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from flask import Flask

from halolight.core.http.api import Api

from .health.answer import health_json

# Answered before Flask: an orchestrator asks often, and a busy service must not look dead.
SHORTCUTS = {"/health": health_json}

MODULES = (
    *("auth", "sessions", "users", "roles", "permissions", "teams"),
    *("documents", "files", "folders", "messages", "messages.conversations", "calendar"),
    *("search", "notifications", "stream", "dashboard", "analytics", "orders", "products"),
    *("audit", "security", "settings", "health"),
)


def find(part: str, package: str = __name__) -> list[ModuleType]:
    """Import `part` ("models", "commands", ...) of each module that has one, in their order.

    A part that needs another module's part before its own names that module in `AFTER`. The tests
    and benchmarks have parts in a `package` of their own.
    """
    found: dict[str, ModuleType] = {}

    def add(name: str) -> None:
        path = f"{package}.{name}.{part}"
        if name not in found and find_spec(path):
            module = import_module(path)
            for earlier in getattr(module, "AFTER", ()):
                add(earlier)
            found[name] = module

    for name in MODULES:
        add(name)
    return list(found.values())


def init_app(app: Flask, api: Api) -> None:
    """Import every module's routes and register them at the address their blueprint names.

    Before them what the modules send to open streams.
    """
    find("live")
    for routes in find("routes"):
        for name, converter in getattr(routes, "CONVERTERS", {}).items():
            app.url_map.converters[name] = converter
            api.register_converter(converter, converter.documented)
        api.register_blueprint(routes.blp)
        if hasattr(routes, "init_app"):
            routes.init_app(app)


# All tables, before the first statement of any module makes SQLAlchemy look for what it refers to.
find("models")
