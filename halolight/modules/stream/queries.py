"""The statements that check tickets, and the sessions of open streams."""

import sqlalchemy as sa

from halolight.core.db.among import Among
from halolight.core.live.journal import StreamPosition
from halolight.modules.roles.models import Role
from halolight.modules.sessions.models import Session
from halolight.modules.users.models import User

from .models import StreamTicket

TICKET = sa.select(StreamTicket.session_id).where(
    StreamTicket.token_hash == sa.bindparam("token_hash"),
    StreamTicket.expires_at > sa.bindparam("now"),
)

SESSIONS = (
    sa.select(
        *(Session.id, Session.revoked_at, Session.revoked_reason, Session.expires_at),
        *(User.status, Role.permissions),
        sa.func.coalesce(StreamPosition.last, sa.literal_column("0")).label("last"),
    )
    .select_from(Session)
    .join(User, User.id == Session.user_id)
    .join(Role, Role.name == User.role)
    .outerjoin(StreamPosition, StreamPosition.user_id == User.id)
    .where(Among(Session.id, "ids"))
)
