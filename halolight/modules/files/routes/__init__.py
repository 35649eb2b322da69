"""The blueprint of files, whose routes stand in three files."""

from halolight.core.http.api import Blueprint

blp = Blueprint("files", __name__, url_prefix="/api/files", description="Files")
