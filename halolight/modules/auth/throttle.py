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


def begin_attempt(account: str, address: str | None) -> None:
    """Count an attempt before its password is looked at. Raises `TooManyRequests`.

    Counted first, because of many attempts at once each must see the others.
    """
    now = utcnow()
    attempt = LoginAttempt(account=_hash(account), address=address or "-", created_at=now)
    _forget_old(now)
    db.session.add(attempt)
    db.session.commit()
    limiting = db.row(
        LIMITING, account=attempt.account, address=attempt.address, since=now - WINDOW
    )
    if moments := [moment for moment in limiting or () if moment]:
        db.session.delete(attempt)
        db.session.commit()
        raise TooManyRequests((max(moments) + WINDOW - now).total_seconds())


def _forget_old(now: dt.datetime) -> None:
    """Delete a few attempts that count no more; those that another login is deleting are left."""
    old = (
        sa.select(LoginAttempt.id)
        .where(LoginAttempt.created_at <= now - WINDOW)
        .limit(20)
        .with_for_update(skip_locked=True)
    )
    db.session.execute(sa.delete(LoginAttempt).where(LoginAttempt.id.in_(old)))


def forget_attempts(account: str) -> None:
    """The right password was given: start again, in the transaction that is under way."""
    db.session.execute(sa.delete(LoginAttempt).filter_by(account=_hash(account)))


def _hash(account: str) -> str:
    """People type passwords into the wrong field: what was typed is not kept."""
    return hashlib.sha256(account.encode()).hexdigest()
