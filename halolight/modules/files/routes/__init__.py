"""The blueprint of files. Its routes are in three modules, in the order of the documentation."""

from halolight.core.http.api import Blueprint

blp = Blueprint("files", __name__, url_prefix="/api/files", description="Files")

from . import tree, sharing, content  # noqa: E402, F401, I001  each adds its routes to `blp`
