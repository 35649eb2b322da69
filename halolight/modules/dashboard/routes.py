"""Dashboard."""

from flask import Flask

from halolight.core.api import Blueprint

from . import visits

blp = Blueprint("dashboard", __name__, url_prefix="/api/dashboard", description="Figures")


def init_app(app: Flask) -> None:
    visits.VIEWS.init_app(app)
