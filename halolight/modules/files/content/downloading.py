"""The bytes of files that a user may download."""

from halolight.core.access import CurrentUser
from halolight.core.db.reads import Row
from halolight.core.errors import NotFound
from halolight.core.i18n import _

from ..queries import BYTES, FILES


def downloadable(user: CurrentUser, file_id: int) -> Row:
    """The bytes of a file and what is to be said of them."""
    return FILES.get(user, BYTES, file_id)


def with_thumbnail(user: CurrentUser, file_id: int) -> Row:
    """The same, of a file that has a small picture."""
    row = downloadable(user, file_id)
    if not row.has_thumbnail:
        raise NotFound(_("This file has no thumbnail."))
    return row
