"""How often a password may be tried, and a mail be asked for (OWASP ASVS 6.3.1).

Counted in the database, so that it holds across workers and restarts. Never a permanent lock:
attempts are forgotten after the window, and those that were refused do not count.
"""

import dataclasses as dc
import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from halolight.core.client_info import client_info
from halolight.core.clock import utcnow
from halolight.core.errors import TooManyRequests
from halolight.extensions import db
from halolight.modules.users.hooks import before_account_change
from halolight.modules.users.models import User

from .models import LoginAttempt

WINDOW = dt.timedelta(minutes=15)


@dc.dataclass(frozen=True)
class Limits:
    """What is allowed within the window."""

    per_account: int
    per_address: int


LOGINS = Limits(10, 50)
MAILS = Limits(5, 20)

Attempt = dict[str, Any]  # a row of the table

MAIL = "mail "  # before the address of a client that has asked for a mail
IS_LOGIN = LoginAttempt.address.not_like(f"{MAIL}%")


def _recent(column: InstrumentedAttribute[str], limit: str) -> sa.ScalarSelect[dt.datetime]:
    """When the attempt was made that used up the limit; NULL while there is room."""
    return (
        sa.select(LoginAttempt.created_at)
        .where(column == sa.bindparam(column.key), LoginAttempt.created_at > sa.bindparam("since"))
        .order_by(LoginAttempt.created_at.desc())
        .offset(sa.bindparam(limit, type_=sa.Integer))
        .limit(1)
        .scalar_subquery()
    )


LIMITING = sa.select(
    _recent(LoginAttempt.account, "per_account").label("account"),
    _recent(LoginAttempt.address, "per_address").label("address"),
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
_THIS = sa.and_(
    _attempts.c.account == sa.bindparam("key"), _attempts.c.created_at == sa.bindparam("at")
)
UNCOUNT = _attempts.delete().where(_THIS)
COUNT_ADDRESS_ONLY = _attempts.update().where(_THIS).values(account="-")
FORGET = _attempts.delete().where(_attempts.c.account == sa.bindparam("account"))


def begin_attempt(account: str) -> None:
    """Count an attempt before its password is looked at. Raises `TooManyRequests`."""
    address = client_info.get().ip or "-"
    attempt = {"account": _hash(account), "address": address, "created_at": utcnow()}
    if exceeded := _count(attempt, LOGINS):
        _recount(attempt, UNCOUNT)
        raise TooManyRequests(max(exceeded.values()))


def may_write_to(email: str) -> bool:
    """Count that a mail was asked for; answers whether it may be sent.

    Raises `TooManyRequests` for who asks too often. That a person is written to too often is
    nobody's business: they have their mails, and the others are left out.
    """
    address = client_info.get().ip or "-"
    key = {"account": _hash(f"mail to {email}"), "address": f"{MAIL}{address}"[:45]}
    attempt = {**key, "created_at": utcnow()}
    exceeded = _count(attempt, MAILS)
    if "address" in exceeded:
        _recount(attempt, UNCOUNT)
        raise TooManyRequests(exceeded["address"])
    if exceeded:
        _recount(attempt, COUNT_ADDRESS_ONLY)
    return not exceeded


def _count(attempt: Attempt, limits: Limits) -> dict[str, float]:
    """Count an attempt; answers which limits leave no room for it, and for how many seconds.

    Counted first, because of many attempts at once each must see the others.
    """
    now = attempt["created_at"]
    since = now - WINDOW
    db.session.execute(FORGET_OLD, {"since": since})
    db.session.execute(COUNT, attempt)
    db.session.commit()
    key = {"account": attempt["account"], "address": attempt["address"]}
    limiting = db.row(LIMITING, **key, **dc.asdict(limits), since=since)._asdict()
    return {
        name: (moment + WINDOW - now).total_seconds() for name, moment in limiting.items() if moment
    }


def _recount(attempt: Attempt, statement: sa.Update | sa.Delete) -> None:
    """What was refused counts no more."""
    db.session.execute(statement, {"key": attempt["account"], "at": attempt["created_at"]})
    db.session.commit()


def forget_attempts(account: str) -> None:
    """The right password was given: start again, in the transaction that is under way."""
    db.session.execute(FORGET, {"account": _hash(account)})


@before_account_change
def forget_attempts_on_changed(user: User, changes: Mapping[str, Any]) -> None:
    if "hashed_password" in changes:
        forget_attempts(f"user:{user.id}")


def _hash(account: str) -> str:
    """People type passwords into the wrong field: what was typed is not kept."""
    return hashlib.sha256(account.encode()).hexdigest()
