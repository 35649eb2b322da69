"""Counting attempts in the database, so that limits hold across workers and restarts.

What is limited, and how often, `throttle` says.
"""

import dataclasses as dc
import datetime as dt
import hashlib
from typing import Any, NamedTuple

import sqlalchemy as sa
from limits import RateLimitItem

from halolight.core.client_info import client_info, network_of
from halolight.core.clock import utcnow
from halolight.core.text import fold
from halolight.extensions import db

from .models import LoginAttempt

NOBODY = "-"  # what the rows have that count for an address alone, or for a name alone
SUCCESS = "success"  # the kind of rows that are no attempts: earlier ones do not count after it


@dc.dataclass(frozen=True)
class Limits:
    """The limits within the window; 0 means no limit."""

    per_account: int = 0
    per_address: int = 0
    window: dt.timedelta = dt.timedelta(minutes=15)


Exceeded = dict[str, float]  # for how many seconds a limit leaves no room


class Counted(NamedTuple):
    """A row that was added, and the limits that leave no room for it.

    `account` is that of the name, `together` that of all names of one account.
    """

    id: int
    exceeded: Exceeded


SINCE = sa.bindparam("since", type_=LoginAttempt.created_at.type)
_earlier = sa.orm.aliased(LoginAttempt)
_SUCCESS = (
    sa.select(sa.func.max(_earlier.created_at))
    .where(_earlier.account == sa.bindparam("success"), _earlier.kind == SUCCESS)
    .where(_earlier.created_at > SINCE)
    .scalar_subquery()
)
_SINCE_SUCCESS = sa.func.coalesce(_SUCCESS, SINCE)


def _recent(
    which: sa.ColumnElement[bool], since: sa.ColumnElement[Any], limit: str
) -> sa.ScalarSelect[dt.datetime]:
    """When the attempt was made that used up the limit; NULL while there is room."""
    return (
        sa.select(LoginAttempt.created_at)
        .where(which, LoginAttempt.kind == sa.bindparam("kind"), LoginAttempt.created_at > since)
        .order_by(LoginAttempt.created_at.desc())
        .offset(sa.bindparam(limit, type_=sa.Integer))
        .limit(1)
        .scalar_subquery()
    )


_ACCOUNT = LoginAttempt.account == sa.bindparam("account")
_TOGETHER = sa.or_(_ACCOUNT, LoginAttempt.account == sa.bindparam("other"))
_ADDRESS = LoginAttempt.address == sa.bindparam("address")
LIMITING = sa.select(
    _recent(_ACCOUNT, _SINCE_SUCCESS, "per_account").label("account"),
    _recent(_TOGETHER, _SINCE_SUCCESS, "per_account").label("together"),
    _recent(_ADDRESS, SINCE, "per_address").label("address"),
)

_attempts = LoginAttempt.metadata.tables[LoginAttempt.__tablename__]
# A few that count no more; those that another attempt is deleting right now are left to it.
FORGET_OLD = _attempts.delete().where(
    _attempts.c.id.in_(
        sa.select(_attempts.c.id)
        .where(_attempts.c.expires_at <= sa.bindparam("now"))
        .limit(20)
        .with_for_update(skip_locked=True)
    )
)
COUNT = _attempts.insert()
_THIS = _attempts.c.id == sa.bindparam("attempt_id")
UNCOUNT = _attempts.delete().where(_THIS)
COUNT_ADDRESS_ONLY = _attempts.update().where(_THIS).values(account=NOBODY)
FORGET = _attempts.delete().where(
    _attempts.c.account == sa.bindparam("name"),
    _attempts.c.address == sa.bindparam("network"),
    _attempts.c.kind == sa.bindparam("of_kind"),
)


def count(
    kind: str, account: str, address: str, limits: Limits, other: str | None = None
) -> Counted:
    """Count an attempt, and look which limits leave no room for it.

    Counted first, because of many attempts at once each must see the others.
    """
    now = utcnow()
    db.session.execute(FORGET_OLD, {"now": now})
    attempt_id = add(kind, account, address, limits.window)
    db.session.commit()
    asked = _asked(kind, account, address, limits, other, now)
    return Counted(attempt_id, _exceeded(db.row(LIMITING, **asked), limits, now))


def add(kind: str, account: str, address: str, window: dt.timedelta) -> int:
    """Add a row to the transaction that is under way; returns its id."""
    now = utcnow()
    row = {
        "kind": kind,
        "account": account,
        "address": address,
        "created_at": now,
        "expires_at": now + window,
    }
    attempt_id: int = db.session.execute(COUNT.returning(_attempts.c.id), row).scalar_one()
    return attempt_id


def exceeded_by_next(kind: str, account: str, address: str, limits: Limits) -> Exceeded:
    """Which limits leave no room for another attempt, which is not counted."""
    now = utcnow()
    rest = {name: max(0, getattr(limits, name) - 1) for name in ("per_account", "per_address")}
    asked = _asked(kind, account, address, limits, None, now) | rest
    return _exceeded(db.row(LIMITING, **asked), limits, now)


def exceeded_in_transaction(kind: str, account: str, address: str, limits: Limits) -> Exceeded:
    """Which limits the rows exceed, with those of the transaction that is under way."""
    now = utcnow()
    asked = _asked(kind, account, address, limits, None, now)
    return _exceeded(db.session.execute(LIMITING, asked).one(), limits, now)


def _asked(
    kind: str,
    account: str,
    address: str,
    limits: Limits,
    other: str | None,
    now: dt.datetime,
) -> dict[str, Any]:
    """The parameters of `LIMITING`. No row has an empty account or address."""
    return {
        "kind": kind,
        "since": now - limits.window,
        "success": success_key(account, address),
        "account": account if limits.per_account else "",
        "other": (other or account) if limits.per_account else "",
        "per_account": limits.per_account,
        "address": address if limits.per_address else "",
        "per_address": limits.per_address,
    }


def _exceeded(limiting: Any, limits: Limits, now: dt.datetime) -> Exceeded:
    return {
        name: (moment + limits.window - now).total_seconds()
        for name, moment in limiting._asdict().items()
        if moment
    }


def recount(attempt_id: int, statement: sa.Update | sa.Delete) -> None:
    """What was refused counts no more."""
    db.session.execute(statement, {"attempt_id": attempt_id})
    db.session.commit()


def window_of(item: RateLimitItem) -> dt.timedelta:
    return dt.timedelta(seconds=item.get_expiry())


def caller() -> str:
    """The network of the client."""
    return network_of(client_info.get().ip)


def success_key(account: str, address: str) -> str:
    return hashed(f"success {account} {address}")


def hashed(name: str) -> str:
    """A hash, because users sometimes type a password into this field.

    Spellings that look alike count together, whether they name the same account or not.
    """
    return hashlib.sha256(fold(name).encode()).hexdigest()
