"""The HaloLight front ends' own words for the API, translated in front of the application.

The contract under `/api` stays as it is, and no module knows of this. See docs/front-ends.md.
"""

from functools import partial
from importlib import import_module
from pkgutil import iter_modules

from flask import Flask

from halolight.modules.files.content.signed_urls import sign_thumbnail

from . import clients
from .tables import Dialect
from .translator import Mounts

DIALECTS: tuple[Dialect, ...] = tuple(
    import_module(f"{clients.__name__}.{module.name}").DIALECT
    for module in iter_modules(clients.__path__)
)


def mount(app: Flask) -> Mounts:
    """The application with the front ends' mounts before it."""
    sign = partial(sign_thumbnail, app.config["JWT_SECRET_KEY"])
    return Mounts(app.wsgi_app, DIALECTS, sign)


def mounted(beginnings: tuple[str, ...]) -> tuple[str, ...]:
    """Beginnings of addresses of the contract, and how they begin below each mount."""
    below = (f"/{dialect.mount}{each}" for dialect in DIALECTS for each in beginnings)
    return (*beginnings, *below)
