"""What can be done with files, and by whom. Each change is one transaction."""

from halolight.core.access import CurrentUser
from halolight.core.errors import NotFound
from halolight.core.ownership import Owned
from halolight.core.reads import Row
from halolight.extensions import db

from . import queries
from .models import File

OWNED = Owned(db, File, "File")


def get_file(user: CurrentUser, file_id: int) -> Row:
    manages = user.can("files:manage")
    statement = queries.ONE_FILE if manages else queries.ONE_VISIBLE_FILE
    row = db.row(statement, id=file_id, **queries.scope_params(user))
    if row is None:
        raise NotFound(OWNED.not_found)
    return row
