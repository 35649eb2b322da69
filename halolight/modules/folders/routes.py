"""Folders: the tree that files lie in."""

from halolight.core.api import Blueprint

blp = Blueprint(
    "folders", __name__, url_prefix="/api/folders", description="Folders", manages="folders:manage"
)
