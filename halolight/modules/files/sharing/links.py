"""Public links, which show a file without an account.

A link contains a random token, of which the database has only a hash.
"""

import dataclasses as dc
import datetime as dt
from typing import Any

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.db.reads import Row
from halolight.core.errors import Conflict, Forbidden, Invalid, NotFound
from halolight.core.i18n import _
from halolight.core.passwords import verify_password
from halolight.core.tokens import new_token, token_hash
from halolight.extensions import db
from halolight.modules.auth.throttle import WRONG_PASSWORDS, begin_attempt, forget_attempts

from .. import queries
from ..models import FOLDER, File, FileShare
from ..tree.places import owner_of

MAX_LINKS = 20  # of one file


@dc.dataclass(frozen=True)
class Link:
    share_id: int
    token: str

    @property
    def url(self) -> str:
        return f"/api/files/shared/{self.token}"


def shown_once(link: Link | None) -> dict[str, Any]:
    """A new link. Only the answer that creates it contains the token."""
    return {"token": link.token, "url": link.url} if link else {"token": None, "url": None}


def make_link(file: File, password_hash: str | None, expires_at: dt.datetime | None) -> Link:
    """A new link to a file that is locked, in the transaction that is under way."""
    owner_of(file)  # a link needs an owner
    if file.type == FOLDER:
        raise Invalid(_("A folder cannot be shared by a link."), field="public")
    number = sa.select(sa.func.count()).where(
        FileShare.file_id == file.id, FileShare.token_hash.is_not(None)
    )
    if (db.session.scalar(number) or 0) >= MAX_LINKS:
        raise Conflict(_("A file can have at most {max} links. Revoke one first.", max=MAX_LINKS))
    token = new_token()
    share = FileShare(
        file_id=file.id,
        token_hash=token_hash(token),
        password_hash=password_hash,
        expires_at=expires_at,
    )
    db.session.add(share)
    db.session.flush()
    return Link(share.id, token)


def open_link(token: str, password: str | None) -> Row:
    """The file that a link shows, if the link is alive and the password right."""
    row = _live_link(token)
    if row.password_hash:
        _check_password(row, token, password)
        row = _live_link(token)  # it may have been revoked while the password was compared
    return row


def _live_link(token: str) -> Row:
    row = db.row(queries.LINK, token_hash=token_hash(token), now=utcnow())
    if row is None:
        raise NotFound(_("This link does not exist or has expired."))
    return row


def view_link(token: str, password: str | None) -> dict[str, Any]:
    """What a public link shows of its file."""
    shown: dict[str, Any] = open_link(token, password)._asdict()
    return shown | {"download_url": f"/api/files/shared/{token}/download"}


def _check_password(row: Row, token: str, password: str | None) -> None:
    """Raises `Forbidden`, or `TooManyRequests` where it is tried too often: as logins are."""
    if password is None:
        message = _("This link needs a password. Send it as X-Share-Password.")
        raise Forbidden(message, reason="link_password")
    attempts = f"link {token_hash(token)}"  # random: of no other link, ever
    begin_attempt(attempts, refusal=WRONG_PASSWORDS)
    if not verify_password(password, row.password_hash):
        raise Forbidden(_("The password for this link is wrong."), reason="link_password")
    forget_attempts(attempts)
    db.session.commit()
