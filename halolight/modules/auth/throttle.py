"""How often a password may be tried, a mail be asked for, an account be registered.

Counted in the database, so that it holds across workers and restarts. Never a permanent lock:
attempts are forgotten after the window, and those that were refused do not count (OWASP ASVS
6.3.1).

What counts is what was typed, as a hash: a name with an account and one without look alike in
every sequence of attempts (ASVS 6.3.8), and no count passes on to somebody whose id comes again.
Addresses count by network, see `client_info.network_of`.
"""

import dataclasses as dc
import datetime as dt
import hashlib
import unicodedata
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app
from limits import RateLimitItem

from halolight.core.client_info import client_info, network_of
from halolight.core.clock import utcnow
from halolight.core.errors import TooManyRequests
from halolight.extensions import db, outbox
from halolight.modules.users.models import User

from .models import LoginAttempt

WINDOW = dt.timedelta(minutes=15)

# The kinds of rows. `SUCCESS` is no attempt: the earlier ones do not count for its address.
PASSWORD, MAIL_REQUEST, REGISTRATION, MAIL, SUCCESS = (
    *("password", "mail request", "registration"),
    *("mail", "success"),
)
NOBODY = "-"  # what the rows have that count for an address alone, or for a name alone
IS_LOGIN = LoginAttempt.kind == PASSWORD


@dc.dataclass(frozen=True)
class Limits:
    """What is allowed within the window; 0: as many as they like."""

    per_account: int = 0
    per_address: int = 0
    window: dt.timedelta = WINDOW


LOGINS = Limits(10, 50)
MAILS = Limits(5, 20)


class Counted(NamedTuple):
    """A row that was added, and for how many seconds each limit leaves no room for it.

    `account` is that of the name, `together` that of all names of one account.
    """

    id: int
    exceeded: dict[str, float]


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
VERIFIED = sa.select(User.id).where(
    User.email == sa.bindparam("email"), User.email_verified_at.is_not(None)
)
COUNT = _attempts.insert()
_THIS = _attempts.c.id == sa.bindparam("attempt_id")
UNCOUNT = _attempts.delete().where(_THIS)
COUNT_ADDRESS_ONLY = _attempts.update().where(_THIS).values(account=NOBODY)
FORGET = _attempts.delete().where(
    _attempts.c.account == sa.bindparam("name"),
    _attempts.c.address == sa.bindparam("network"),
    _attempts.c.kind == PASSWORD,
)


def begin_attempt(name: str, other: str | None = None) -> bool:
    """Count an attempt before its password is looked at. Raises `TooManyRequests`.

    `name` is what was typed. Where that is a name of an account with an `other` one, both count
    together, too: answers whether they leave room. If not, the attempt has to fail as with a wrong
    password: by another answer the two names would tell that they belong together.
    """
    account, address = _hash(name), _address()
    counted = _count(PASSWORD, account, address, LOGINS, _hash(other) if other else account)
    if refused := counted.exceeded.keys() - {"together"}:
        _recount(counted.id, UNCOUNT)
        raise TooManyRequests(max(counted.exceeded[limit] for limit in refused))
    return not counted.exceeded


def forget_attempts(*names: str) -> None:
    """The right password was given: start again, in the transaction that is under way.

    For this address only. The attempts from elsewhere count on for everybody else: whoever makes
    them is not to notice that somebody has signed in.
    """
    now, address = utcnow(), _address()
    accounts = sorted(map(_hash, names))
    db.session.execute(FORGET, [{"name": name, "network": address} for name in accounts])
    successes = [_row(SUCCESS, _success(name, address), NOBODY, now, WINDOW) for name in accounts]
    db.session.execute(COUNT, successes)


def may_write_to(email: str) -> bool:
    """Count that a mail was asked for; answers whether it may be sent.

    Raises `TooManyRequests` for who asks too often. That a person is written to too often is
    nobody's business: they have their mails, and the others are left out.
    """
    counted = _count(MAIL_REQUEST, _hash(f"mail request {mailbox(email)}"), _address(), MAILS)
    if "address" in counted.exceeded:
        _recount(counted.id, UNCOUNT)
        raise TooManyRequests(counted.exceeded["address"])
    if counted.exceeded:
        _recount(counted.id, COUNT_ADDRESS_ONLY)
    return not counted.exceeded


def count_registration() -> None:
    """Count a registration, whatever becomes of it. Raises `TooManyRequests`."""
    if item := current_app.config["REGISTRATIONS_PER_ADDRESS"]:
        limits = Limits(per_address=item.amount, window=_window(item))
        counted = _count(REGISTRATION, NOBODY, _address(), limits)
        if counted.exceeded:
            _recount(counted.id, UNCOUNT)
            raise TooManyRequests(max(counted.exceeded.values()))


@dc.dataclass(frozen=True)
class Place:
    """A place among the mails that a recipient may have; see `mail.Claim`."""

    counted: Counted | None = None
    wait: dt.timedelta | None = None

    def give_back(self) -> None:
        if self.counted:
            _recount(self.counted.id, UNCOUNT)


@outbox.limit
def claim_place(recipient: str) -> Place:
    """Count a mail that is about to be sent, of whatever kind.

    Few may go to an address that nobody has confirmed: it may be a stranger's.
    """
    verified = db.value(VERIFIED, email=recipient) is not None
    name = "MAILS_PER_RECIPIENT" if verified else "MAILS_PER_UNVERIFIED_RECIPIENT"
    item: RateLimitItem | None = current_app.config[name]
    if item is None:
        return Place()
    limits = Limits(per_account=item.amount, window=_window(item))
    counted = _count(MAIL, _hash(f"mail {mailbox(recipient)}"), NOBODY, limits)
    if not counted.exceeded:
        return Place(counted)
    _recount(counted.id, UNCOUNT)
    return Place(wait=dt.timedelta(seconds=max(counted.exceeded.values())))


def mailbox(email: str) -> str:
    """Where a mail arrives: `ada+1@example.com` is another address of `ada@example.com`."""
    local, at, domain = email.rpartition("@")
    return local.partition("+")[0] + at + domain


def _count(
    kind: str, account: str, address: str, limits: Limits, other: str | None = None
) -> Counted:
    """Count an attempt, and look which limits leave no room for it.

    Counted first, because of many attempts at once each must see the others.
    """
    now = utcnow()
    db.session.execute(FORGET_OLD, {"now": now})
    row = _row(kind, account, address, now, limits.window)
    attempt_id: int = db.session.execute(COUNT.returning(_attempts.c.id), row).scalar_one()
    db.session.commit()
    limiting = db.row(
        LIMITING,
        kind=kind,
        since=now - limits.window,
        success=_success(account, address),
        account=account if limits.per_account else "",
        other=(other or account) if limits.per_account else "",
        per_account=limits.per_account,
        address=address if limits.per_address else "",
        per_address=limits.per_address,
    )
    return Counted(
        attempt_id,
        {
            name: (moment + limits.window - now).total_seconds()
            for name, moment in limiting._asdict().items()
            if moment
        },
    )


def _row(
    kind: str, account: str, address: str, now: dt.datetime, window: dt.timedelta
) -> dict[str, Any]:
    return {
        "kind": kind,
        "account": account,
        "address": address,
        "created_at": now,
        "expires_at": now + window,
    }


def _recount(attempt_id: int, statement: sa.Update | sa.Delete) -> None:
    """What was refused counts no more."""
    db.session.execute(statement, {"attempt_id": attempt_id})
    db.session.commit()


def _window(item: RateLimitItem) -> dt.timedelta:
    return dt.timedelta(seconds=item.get_expiry())


def _address() -> str:
    return network_of(client_info.get().ip)


def _success(account: str, address: str) -> str:
    return _hash(f"success {account} {address}")


def _hash(name: str) -> str:
    """People type passwords into the wrong field: what was typed is not kept.

    Spellings that look alike count together, whether they name the same account or not.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return hashlib.sha256(folded.encode()).hexdigest()
