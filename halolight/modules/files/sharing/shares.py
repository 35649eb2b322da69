"""Sharing files and folders with users and teams, and by public links."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.core.errors import NotFound
from halolight.core.i18n import _
from halolight.core.passwords import hash_password
from halolight.extensions import db
from halolight.modules.teams.sharing import Sharing, tell_of_share

from ..models import FOLDER, FileShare
from ..queries import FILE_SHARES, FILES, SHARES
from . import links

FILE_SHARED, FOLDER_SHARED = _("A file was shared with you"), _("A folder was shared with you")

SHARING = Sharing(FILES, SHARES, FILE_SHARES)


def list_shares(user: CurrentUser, file_id: int) -> Sequence[Row]:
    """The shares of a file or folder, for users who may share it."""
    return SHARING.list(user, file_id)


def share_file(
    user: CurrentUser,
    file_id: int,
    *,
    user_ids: Sequence[int],
    team_ids: Sequence[int],
    public: bool,
    password: str | None,
    expires_at: dt.datetime | None,
) -> Sequence[dict[str, Any]]:
    """Share it with users, with teams, and with `public` by a new link.

    A share that exists already is changed. Answers with all shares; that of the new link alone
    with its token, which is not kept.
    """
    list_shares(user, file_id)  # whether they may, before the slow part
    hashed = hash_password(password) if password else None
    [file] = FILES.lock(user, [file_id], to="share")
    SHARING.end(file, FileShare.expires_at <= utcnow())
    terms, details = {"expires_at": expires_at}, {"public": (None, public)}
    shared = SHARING.make(user, file, user_ids, team_ids, terms, more=public, **details)
    link = links.make_link(file, hashed, expires_at) if public else None
    title = FOLDER_SHARED if file.type == FOLDER else FILE_SHARED
    tell_of_share(user, shared.gained, title, file.name, f"/files/{file_id}")
    db.session.commit()
    made = {link.share_id: link} if link else {}
    return [
        row._asdict() | links.shown_once(made.get(row.id)) for row in list_shares(user, file_id)
    ]


def revoke_share(user: CurrentUser, file_id: int, share_id: int) -> Sequence[Row]:
    """End one share; answers with those that remain."""
    [file] = FILES.lock(user, [file_id], to="share")
    ended = SHARING.end(file, FileShare.id == share_id)
    if not ended:
        raise NotFound(_("Share not found."))
    public = ended[0].token_hash is not None
    SHARING.record_end(user, file, ended, public=(public, None))
    db.session.commit()
    return list_shares(user, file_id)
