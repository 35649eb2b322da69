"""Limits on password attempts, requests for mail, mails and registrations.

Never a permanent lock: attempts are forgotten after the window, and those that were refused do not
count (OWASP ASVS 6.3.1).

What counts is what was typed, as a hash: a name with an account and one without look alike in
every sequence of attempts (ASVS 6.3.8), and no count passes on to somebody whose id comes again.
Addresses count by network, see `client_info.network_of`.
"""

import dataclasses as dc
import datetime as dt

import sqlalchemy as sa
from flask import current_app
from limits import RateLimitItem

from halolight.core.errors import TooManyRequests
from halolight.core.i18n import Message, _
from halolight.extensions import db, outbox
from halolight.modules.users.models import User

from .counting import (
    COUNT_ADDRESS_ONLY,
    FORGET,
    NOBODY,
    SUCCESS,
    UNCOUNT,
    Counted,
    Limits,
    add,
    caller,
    count,
    exceeded_by_next,
    exceeded_in_transaction,
    hashed,
    recount,
    success_key,
    window_of,
)
from .models import LoginAttempt

LOGINS = Limits(10, 50)
MAILS = Limits(5, 20)

# The kinds of rows.
PASSWORD, MAIL_REQUEST, REGISTRATION, MAIL = "password", "mail request", "registration", "mail"
IS_LOGIN = LoginAttempt.kind == PASSWORD

# What is said when a limit is reached; `{time}` is the time until there is room again.
FAILED_SIGN_INS = _("Too many failed sign-ins. Try again in {time}.")
WRONG_PASSWORDS = _("Too many wrong passwords. Try again in {time}.")
MANY_MAILS = _("Too many mails have been requested. Try again in {time}.")
MANY_REGISTRATIONS = _(
    "Too many accounts have been registered from your network. Try again in {time}."
)

LOCK = 4_200_820  # any number that no other advisory lock has

VERIFIED = sa.select(User.id).where(
    User.email == sa.bindparam("email"), User.email_verified_at.is_not(None)
)


def begin_attempt(name: str, other: str | None = None, *, refusal: Message) -> bool:
    """Count an attempt before its password is looked at. Raises `TooManyRequests`.

    `name` is what was typed. Where that is a name of an account with an `other` one, both count
    together, too. `refusal` is what the exception says.

    Returns whether they leave room. If not, the attempt has to fail as with a wrong password: by
    another answer the two names would tell that they belong together.
    """
    account = hashed(name)
    counted = count(PASSWORD, account, caller(), LOGINS, hashed(other) if other else account)
    if refused := counted.exceeded.keys() - {"together"}:
        recount(counted.id, UNCOUNT)
        seconds = max(counted.exceeded[limit] for limit in refused)
        raise TooManyRequests(seconds, refusal, reason="attempts")
    return not counted.exceeded


def forget_attempts(*names: str) -> None:
    """Reset the counters after the right password, in the current transaction.

    For this address only. The attempts from other addresses still count: the client that makes
    them must not notice that the owner has signed in.
    """
    address = caller()
    for account in sorted(map(hashed, names)):
        of_it = {"name": account, "network": address, "of_kind": PASSWORD}
        db.session.execute(FORGET, of_it)
        add(SUCCESS, success_key(account, address), NOBODY, LOGINS.window)


def forget_everywhere(*names: str) -> int:
    """Forget the attempts of these names from all addresses, in the current transaction."""
    accounts = list(map(hashed, names))
    attempts = sa.delete(LoginAttempt).where(LoginAttempt.account.in_(accounts), IS_LOGIN)
    return len(db.session.scalars(attempts.returning(LoginAttempt.id)).all())


def may_write_to(email: str) -> bool:
    """Count a request for a mail; return whether it may be sent.

    Raises `TooManyRequests` if the client asks too often. If a recipient gets too many mails, the
    answer does not show it: the mail is not sent.
    """
    counted = count(MAIL_REQUEST, hashed(f"mail request {mailbox(email)}"), caller(), MAILS)
    if "address" in counted.exceeded:
        recount(counted.id, UNCOUNT)
        raise TooManyRequests(counted.exceeded["address"], MANY_MAILS, reason="mails")
    if counted.exceeded:
        recount(counted.id, COUNT_ADDRESS_ONLY)
    return not counted.exceeded


def check_registration() -> None:
    """Raises `TooManyRequests` where no more accounts may be made, before the cost of a hash."""
    limits = _registrations()
    exceeded = limits and exceeded_by_next(REGISTRATION, NOBODY, caller(), limits)
    if exceeded:
        raise TooManyRequests(max(exceeded.values()), MANY_REGISTRATIONS, reason="registrations")


def count_registration() -> None:
    """Count an account that is being made, in its transaction. Raises `TooManyRequests`.

    Only what is made counts, so nobody can use up the limit with addresses that are taken.
    """
    limits = _registrations()
    if limits is None:
        return
    address = caller()
    if db.engine.dialect.name == "postgresql":  # one after the other: each sees the others
        number = int(hashed(address)[:7], 16)
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK, number)))
    add(REGISTRATION, NOBODY, address, limits.window)
    if exceeded := exceeded_in_transaction(REGISTRATION, NOBODY, address, limits):
        raise TooManyRequests(max(exceeded.values()), MANY_REGISTRATIONS, reason="registrations")


def _registrations() -> Limits | None:
    item: RateLimitItem | None = current_app.config["REGISTRATIONS_PER_ADDRESS"]
    return Limits(per_address=item.amount, window=window_of(item)) if item else None


@dc.dataclass(frozen=True)
class Place:
    """A place among the mails that a recipient may have; see `mail.Claim`."""

    counted: Counted | None = None
    wait: dt.timedelta | None = None

    def give_back(self) -> None:
        if self.counted:
            recount(self.counted.id, UNCOUNT)


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
    limits = Limits(per_account=item.amount, window=window_of(item))
    counted = count(MAIL, hashed(f"mail {mailbox(recipient)}"), NOBODY, limits)
    if not counted.exceeded:
        return Place(counted)
    recount(counted.id, UNCOUNT)
    return Place(wait=dt.timedelta(seconds=max(counted.exceeded.values())))


def mailbox(email: str) -> str:
    """Where a mail arrives: `ada+1@example.com` is another address of `ada@example.com`."""
    local, at, domain = email.rpartition("@")
    return local.partition("+")[0] + at + domain
