"""Which bytes somebody may have."""

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.errors import NotFound
from halolight.core.reads import Row
from halolight.extensions import db

from . import queries
from .models import Blob, File
from .trees import FILES

_BYTES = (
    sa.select(File.name, File.size, File.checksum, Blob.mime_type, Blob.has_thumbnail)
    .join(Blob, Blob.checksum == File.checksum)  # a folder has none
    .where(File.id == queries.ID)
)
_VISIBLE_BYTES = _BYTES.where(queries.ONE_VISIBLE)


def downloadable(user: CurrentUser, file_id: int) -> Row:
    """The bytes of a file and what is to be said of them."""
    statement = _BYTES if user.can(FILES.manages) else _VISIBLE_BYTES
    row = db.row(statement, id=file_id, **queries.scope_params(user))
    if row is None:
        raise NotFound(FILES.owned.not_found)
    return row


def with_thumbnail(user: CurrentUser, file_id: int) -> Row:
    """The same, of a file that has a small picture."""
    row = downloadable(user, file_id)
    if not row.has_thumbnail:
        raise NotFound("There is no thumbnail of this file")
    return row
