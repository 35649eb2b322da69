"""Mail: written to a table in the transaction of its cause, sent afterwards by the background.

A row says which mail is queued for whom, never its text: the text, and the secret in a link, are
created when it is sent. So nothing secret is at rest, a restart loses no mail, and a server
that is away is tried again. Equal mails are queued once: those that wait because their recipient
has had enough become one.
"""

import dataclasses as dc
import datetime as dt
import hashlib
import logging
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Mapped, Session, mapped_column

from halolight.core import mail_address
from halolight.core.clock import utcnow
from halolight.core.db.base import Database, Identified, Model
from halolight.core.i18n import ENGLISH, said
from halolight.core.metric_families import MAILS

from . import mail_metrics
from .task import BackgroundTask

log = logging.getLogger(__name__)

RETRY_INTERVAL = 30.0  # seconds between two looks for mail that is due
LEASE = dt.timedelta(minutes=2)  # how long one process has for sending one mail
MAX_ATTEMPTS = 12  # with doubling pauses: given up after about three days
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
SMTP_TIMEOUT = 20  # seconds

Render = Callable[..., EmailMessage | None]
Recipient = Callable[..., str | None]
Send = Callable[[EmailMessage], None]


class Claim(Protocol):
    """A place among the mails that a recipient may have."""

    @property
    def wait(self) -> dt.timedelta | None:
        """How long until there is one, if there is none."""

    def give_back(self) -> None:
        """Nothing was sent."""


@dc.dataclass(frozen=True)
class Template:
    """How a mail is written when it is sent, and to whom."""

    render: Render
    recipient: Recipient
    can_be_asked_for: bool


def _email(email: str, **_: Any) -> str:
    return email


class OutgoingMail(Identified, Model):
    """A queued mail. The row is deleted once the mail is sent."""

    __tablename__ = "outgoing_mails"
    __table_args__ = (sa.Index(None, "due_at"),)

    key: Mapped[str] = mapped_column(sa.String(64), unique=True)  # equal mails are queued once
    template: Mapped[str] = mapped_column(sa.String(50))
    params: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[dt.datetime | None] = mapped_column(default=utcnow)  # None: given up
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Outbox:
    """The queued mails, and the ways to send them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._templates: dict[str, Template] = {}
        self._claim_place: Callable[[str], Claim] | None = None
        sa.event.listen(db.session, "after_commit", _look_soon)

    def init_app(self, app: Flask) -> None:
        app.extensions["send_mail"] = _sender(app)
        task = BackgroundTask(
            app, self.deliver, delay=0, interval=RETRY_INTERVAL, at_stop=False, name="outbox"
        )
        app.extensions["outbox"] = task

    def template(
        self, name: str, *, to: Recipient = _email, can_be_asked_for: bool = False
    ) -> Callable[[Render], Render]:
        """Register the function that writes a mail when it is sent; None: no longer wanted.

        `to` returns the recipient for the same parameters, by default `email`. If that one has had
        enough mail, one that `can_be_asked_for` again is dropped; others wait.
        """

        def register(render: Render) -> Render:
            MAILS.labels(name, "given_up")  # a series that begins at 0
            self._templates[name] = Template(render, to, can_be_asked_for)
            return render

        return register

    def limit(self, claim_place: Callable[[str], Claim]) -> Callable[[str], Claim]:
        """Register what limits the mails to one recipient."""
        self._claim_place = claim_place
        return claim_place

    def enqueue(self, template: str, **params: Any) -> None:
        """Have a mail sent once the transaction that is under way has been committed.

        Equal mails are queued once, so that mails which cannot be sent do not pile up. One that
        waits for another try, or was given up, is tried soon; one that is being sent is left alone.
        """
        session = self._db.session()
        now = utcnow()
        soon = now + LEASE
        row = {
            "key": hashlib.sha256(orjson.dumps([template, params])).hexdigest(),
            "template": template,
            "params": params,
            "attempts": 0,
            "due_at": now,
            "created_at": now,
        }
        insert = self._db.insert(OutgoingMail).values(row)
        due_at = OutgoingMail.due_at
        sooner = sa.case((due_at < soon, due_at), else_=soon)
        session.execute(
            insert.on_conflict_do_update(index_elements=["key"], set_={"due_at": sooner})
        )
        session.info["mail_queued"] = True

    def deliver(self) -> None:
        """Send every mail that is due. Safe in any number of processes at once."""
        send: Send | None = current_app.extensions["send_mail"]
        while send is not None and (mail := self._claim()) is not None:
            try:
                outcome, wait = self._send(mail, send)
            except Exception as error:  # one mail that fails must not hold up the others
                outcome = self._postpone(mail, error)
            else:
                self._settle(mail, wait)
            self._db.session.commit()
            MAILS.labels(mail.template, outcome).inc()
        mail_metrics.measure(self._db)

    def _send(self, mail: sa.Row[Any], send: Send) -> tuple[str, dt.timedelta | None]:
        """Send a mail, if it is still wanted; returns what came of it, and how long it waits."""
        template = self._templates[mail.template]
        recipient = template.recipient(**mail.params)
        if recipient is None:
            return "dropped", None
        place = self._claim_place(recipient) if self._claim_place else None
        if place and place.wait:
            return ("dropped", None) if template.can_be_asked_for else ("limited", place.wait)
        sent = False
        try:
            message = template.render(**mail.params)
            if message is not None:
                send(message)
                sent = True
        finally:
            if place and not sent:
                self._db.session.rollback()
                place.give_back()
        return "sent" if sent else "dropped", None

    def _settle(self, mail: sa.Row[Any], wait: dt.timedelta | None) -> None:
        this = OutgoingMail.id == mail.id
        if wait is None:
            self._db.session.execute(sa.delete(OutgoingMail).where(this))
            return
        log.info("mail %d (%s) waits: its recipient has had enough", mail.id, mail.template)
        later = {"due_at": utcnow() + wait, "attempts": OutgoingMail.attempts - 1}
        self._db.session.execute(sa.update(OutgoingMail).where(this).values(later))

    def _claim(self) -> sa.Row[Any] | None:
        """Take the mail that is due first, for as long as the lease lasts."""
        now = utcnow()
        first = (
            sa.select(OutgoingMail.id)
            .where(OutgoingMail.due_at <= now)
            .order_by(OutgoingMail.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        claimed = self._db.session.execute(
            sa.update(OutgoingMail)
            .where(OutgoingMail.id == first.scalar_subquery())
            .values(due_at=now + LEASE, attempts=OutgoingMail.attempts + 1)
            .returning(
                OutgoingMail.id, OutgoingMail.template, OutgoingMail.params, OutgoingMail.attempts
            )
        ).first()
        self._db.session.commit()
        return claimed

    def _postpone(self, mail: sa.Row[Any], error: Exception) -> str:
        """Try again later, each time twice as long; after the last attempt never."""
        self._db.session.rollback()
        given_up = mail.attempts >= MAX_ATTEMPTS
        due = None if given_up else utcnow() + dt.timedelta(minutes=2**mail.attempts)
        self._db.session.execute(sa.update(OutgoingMail).filter_by(id=mail.id).values(due_at=due))
        log.log(
            logging.ERROR if given_up else logging.WARNING,
            "mail %d (%s) not sent, attempt %d: %s",
            *(mail.id, mail.template, mail.attempts, error),
            exc_info=not isinstance(error, OSError | smtplib.SMTPException),
        )
        return "given_up" if given_up else "failed"


def _look_soon(session: Session) -> None:
    """After a commit, have the queued mails sent. The end of a savepoint is not a commit."""
    if not session.in_nested_transaction() and session.info.pop("mail_queued", False):
        task: BackgroundTask = current_app.extensions["outbox"]
        task.ask()


def _sender(app: Flask) -> Send | None:
    """How this process sends mail; None: it waits in the outbox until there is a way."""
    if url := app.config["MAIL_URL"]:
        return lambda message: send_by_smtp(url, message)
    return log_message if app.config["NODE_ENV"] == "development" else None


def log_message(message: EmailMessage) -> None:
    """A developer's mailbox: the log."""
    body = message.get_body(("plain",)) or message
    log.info("mail to %s: %s\n%s", message["To"], message["Subject"], body.get_content())


def send_by_smtp(url: str, message: EmailMessage) -> None:
    """Send through `smtp://` (TLS where the server offers it) or `smtps://`."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    sender = parse_qs(parts.query).get("from", [f"HaloLight <no-reply@{host}>"])[0]
    message["From"] = mail_address.for_sending(sender)
    context = ssl.create_default_context()
    with connect(parts.scheme, host, parts.port or 0, context) as smtp:
        if parts.scheme == "smtp":
            smtp.ehlo()
            if smtp.has_extn("starttls"):
                smtp.starttls(context=context)
        if parts.username:
            if not isinstance(smtp.sock, ssl.SSLSocket) and host not in LOCAL:
                raise smtplib.SMTPException("no TLS: the password is not sent in clear")
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
        smtp.send_message(message)


def connect(scheme: str, host: str, port: int, context: ssl.SSLContext) -> smtplib.SMTP:
    """An open SMTP connection; port 0 means the usual one (25, or 465 with TLS)."""
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=SMTP_TIMEOUT, context=context)
    return smtplib.SMTP(host, port, timeout=SMTP_TIMEOUT)


def compose(to: str, subject: str, text: str, language: str = ENGLISH) -> EmailMessage:
    message = EmailMessage()
    message["To"] = mail_address.for_sending(to)
    message["Subject"] = said(subject, language)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid()
    message.set_content(said(text, language))
    message["Content-Language"] = language
    return message


def public_url(path: str) -> str:
    """A link into the front end. Never made from the request: its Host could be forged."""
    front_end: str = current_app.config["FRONTEND_URL"]
    return front_end + path
