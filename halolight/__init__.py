"""HaloLight API: the REST back end of the HaloLight admin dashboards."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from .config import Config

__version__ = "0.1.0"


def create_app(config: "Config | None" = None) -> "Flask":
    """The application: see `halolight.app`.

    Imported only here, so that `halolight.server` can patch the standard library before that.
    """
    from . import app

    return app.create_app(config)
