"""Sharing files and folders with users and teams, and by a link with anybody who has it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.errors import Forbidden, NotFound
from halolight.core.passwords import hash_password
from halolight.core.reads import Row
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.teams.sharing import (
    check_recipients,
    people_among,
    share_with,
    tell_of_share,
)

from . import links, queries
from .models import FOLDER, FileShare
from .trees import FILES, lock_owned


def list_shares(user: CurrentUser, file_id: int) -> Sequence[Row]:
    """With whom a file or folder is shared; for who may share it."""
    manages = user.can(FILES.manages)
    statement = queries.SHARES if manages else queries.VISIBLE_SHARES
    rows = db.rows(statement, id=file_id, **queries.scope_params(user))
    if not rows:
        raise NotFound(FILES.owned.not_found)
    if not manages and rows[0].file_owner_id != user.id:
        raise Forbidden(FILES.owned.read_only)
    return [row for row in rows if row.id is not None]


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
    """Show it to users, to teams, and with `public` to who has the link, which is made here.

    A share that exists already is changed. Answers with all shares; that of the new link alone
    with its token, which is not kept.
    """
    list_shares(user, file_id)  # whether they may, before the slow part
    hashed = hash_password(password) if password else None
    [file] = lock_owned(user, [file_id])
    check_recipients(user, user_ids, team_ids)
    db.session.execute(
        sa.delete(FileShare).where(FileShare.file_id == file_id, FileShare.expires_at <= utcnow())
    )
    others = [i for i in user_ids if i != file.owner_id]
    share_with(FileShare, {"file_id": file_id}, others, team_ids, expires_at=expires_at)
    link = links.make_link(file, hashed, expires_at) if public else None
    trail.record(
        user,
        "files.share",
        file,
        shared_with_users=(None, others),
        shared_with_teams=(None, team_ids),
        public=(None, public),
    )
    what = "folder" if file.type == FOLDER else "file"
    people = people_among(others, team_ids) - {file.owner_id}
    tell_of_share(user, people, what, file.name, f"/files/{file_id}")
    db.session.commit()
    made = {link.share_id: link} if link else {}
    return [
        row._asdict() | links.shown_once(made.get(row.id)) for row in list_shares(user, file_id)
    ]


def revoke_share(user: CurrentUser, file_id: int, share_id: int) -> Sequence[Row]:
    """End one share; answers with those that remain."""
    [file] = lock_owned(user, [file_id])
    share = db.session.scalar(sa.select(FileShare).filter_by(id=share_id, file_id=file_id))
    if share is None:
        raise NotFound("Share not found")
    db.session.delete(share)
    trail.record(
        user,
        "files.unshare",
        file,
        shared_with_users=([share.user_id] if share.user_id else [], None),
        shared_with_teams=([share.team_id] if share.team_id else [], None),
        public=(share.token_hash is not None, None),
    )
    db.session.commit()
    return list_shares(user, file_id)
