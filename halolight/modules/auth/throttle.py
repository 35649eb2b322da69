"""How often a password may be tried (OWASP ASVS 6.3.1).

Counted in the database, so that it holds across workers and restarts. Never a permanent lock:
attempts are forgotten after the window, and those that were refused do not count.
"""

import datetime as dt
import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from halolight.core.clock import utcnow
from halolight.core.errors import TooManyRequests
from halolight.extensions import db

from .models import LoginAttempt

WINDOW = dt.timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50


def _recent(column: InstrumentedAttribute[str], limit: int) -> sa.ScalarSelect[dt.datetime]:
    """When the attempt was made that used up the limit; NULL while there is room."""
    return (
        sa.select(LoginAttempt.created_at)
        .where(column == sa.bindparam(column.key), LoginAttempt.created_at > sa.bindparam("since"))
        .order_by(LoginAttempt.created_at.desc())
        .offset(limit)
        .limit(1)
        .scalar_subquery()
    )


LIMITING = sa.select(
    _recent(LoginAttempt.account, PER_ACCOUNT), _recent(LoginAttempt.address, PER_ADDRESS)
)


_attempts = LoginAttempt.metadata.tables[LoginAttempt.__tablename__]
# A few that count no more; those that another login is deleting right now are left to it.
FORGET_OLD = _attempts.delete().where(
    _attempts.c.id.in_(
        sa.select(_attempts.c.id)
        .where(_attempts.c.created_at <= sa.bindparam("since"))
        .limit(20)
        .with_for_update(skip_locked=True)
    )
)
COUNT = _attempts.insert()
UNCOUNT = _attempts.delete().where(
    _attempts.c.account == sa.bindparam("account"), _attempts.c.created_at == sa.bindparam("at")
)
FORGET = _attempts.delete().where(_attempts.c.account == sa.bindparam("account"))


def begin_attempt(account: str, address: str | None) -> None:
    """Count an attempt before its password is looked at. Raises `TooManyRequests`.

    Counted first, because of many attempts at once each must see the others.
    """
    now = utcnow()
    since = now - WINDOW
    key = {"account": _hash(account), "address": address or "-"}
    db.session.execute(FORGET_OLD, {"since": since})
    db.session.execute(COUNT, {**key, "created_at": now})
    db.session.commit()
    limiting = db.row(LIMITING, **key, since=since)
    if moments := [moment for moment in limiting or () if moment]:
        db.session.execute(UNCOUNT, {"account": key["account"], "at": now})
        db.session.commit()
        raise TooManyRequests((max(moments) + WINDOW - now).total_seconds())


def forget_attempts(account: str) -> None:
    """The right password was given: start again, in the transaction that is under way."""
    db.session.execute(FORGET, {"account": _hash(account)})


def _hash(account: str) -> str:
    """People type passwords into the wrong field: what was typed is not kept."""
    return hashlib.sha256(account.encode()).hexdigest()
