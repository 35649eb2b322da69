"""What the security report counts, in one statement."""

import sqlalchemy as sa

from halolight.modules.audit.models import AuditEntry
from halolight.modules.auth.models import LoginAttempt
from halolight.modules.auth.throttle import IS_LOGIN, LOGINS
from halolight.modules.files.models import FileShare
from halolight.modules.users.models import User
from halolight.modules.users.queries import ACTIVE

_MOMENT = User.created_at.type
ATTEMPTS_SINCE = sa.bindparam("attempts_since", type_=_MOMENT)
REUSE_SINCE = sa.bindparam("reuse_since", type_=_MOMENT)
IDLE_SINCE = sa.bindparam("idle_since", type_=_MOMENT)
_ATTEMPTED = sa.and_(IS_LOGIN, LoginAttempt.created_at > ATTEMPTS_SINCE)

_count = sa.func.count()
_at_limit = (
    sa.select(LoginAttempt.account)
    .where(_ATTEMPTED)
    .group_by(LoginAttempt.account)
    .having(_count >= LOGINS.per_account)
    .subquery("at_limit")
)
_COUNTS = {
    "failed_logins": sa.select(_count).select_from(LoginAttempt).where(_ATTEMPTED),
    "limited_accounts": sa.select(_count).select_from(_at_limit),
    "reused_tokens": sa.select(_count)
    .select_from(AuditEntry)
    .where(AuditEntry.action == "auth.reuse", AuditEntry.created_at >= REUSE_SINCE),
    "idle_accounts": sa.select(_count)
    .select_from(User)
    .where(ACTIVE, sa.func.coalesce(User.last_login_at, User.created_at) < IDLE_SINCE),
    "open_links": sa.select(_count)
    .select_from(FileShare)
    .where(
        FileShare.token_hash.is_not(None),
        FileShare.password_hash.is_(None),
        FileShare.expires_at.is_(None),
    ),
}
COUNTS = sa.select(*(counting.scalar_subquery().label(n) for n, counting in _COUNTS.items()))
