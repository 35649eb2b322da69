"""Which bytes somebody may have."""

from functools import cache

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.errors import NotFound
from halolight.core.listing import Condition
from halolight.core.reads import Row
from halolight.extensions import db

from . import queries, service
from .models import Blob, File

_BYTES = (
    sa.select(File.name, File.size, File.checksum, Blob.mime_type, Blob.has_thumbnail)
    .join(Blob, Blob.checksum == File.checksum)  # a folder has none
    .where(File.id == sa.bindparam("id"))
)


@cache
def _bytes_in(scope: Condition) -> sa.Select[*tuple[object, ...]]:
    """The statement for this scope, of which there are two."""
    return _BYTES.where(scope)


def downloadable(user: CurrentUser, file_id: int) -> Row:
    """The bytes of a file and what is to be said of them."""
    statement = _bytes_in(queries.scope(user))
    row = db.row(statement, id=file_id, **queries.scope_params(user))
    if row is None:
        raise NotFound(service.OWNED.not_found)
    return row


def with_thumbnail(user: CurrentUser, file_id: int) -> Row:
    """The same, of a file that has a small picture."""
    row = downloadable(user, file_id)
    if not row.has_thumbnail:
        raise NotFound("There is no thumbnail of this file")
    return row
