"""The blueprint of files, whose routes stand in two files."""

from halolight.core.api import Blueprint

blp = Blueprint(
    "files", __name__, url_prefix="/api/files", description="Files", manages="files:manage"
)
