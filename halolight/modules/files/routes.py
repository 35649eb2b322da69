"""Files: their bytes, names, places and shares."""

from halolight.core.api import Blueprint

blp = Blueprint(
    "files", __name__, url_prefix="/api/files", description="Files", manages="files:manage"
)
