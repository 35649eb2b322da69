"""`flask doctor`: what is wrong with this installation, and how to fix it."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from .core.background import mail
from .core.db import sessions
from .core.errors import ServiceUnavailable
from .core.live import live
from .core.storage import stores
from .extensions import db
from .modules.health import checks, migrations
from .modules.roles.models import Role

Finding = tuple[str, str | None]  # what was checked; what to do, or None if it is fine


def _settings() -> Iterator[Finding]:
    config = current_app.config
    yield f"settings ({config['NODE_ENV']})", None
    if config["NODE_ENV"] == "production" and not config["MAIL_URL"]:
        yield "mail", "set MAIL_URL; until then mail stays queued"
    if config["NODE_ENV"] == "production" and config["DATABASE_URL"].startswith("sqlite"):
        yield "database", "SQLite works on one machine only; use PostgreSQL for several"


def _database() -> Iterator[Finding]:
    try:
        checks.check_database()
    except sa.exc.SQLAlchemyError as error:
        yield "database", f"cannot connect, check DATABASE_URL: {error.__cause__ or error}"
        return
    yield f"database ({db.engine.dialect.name})", None
    yield from _connections()
    advice = migrations.advice()
    yield "migrations", advice
    if advice:
        return
    roles = db.value(sa.select(sa.func.count()).select_from(Role))
    yield "roles", None if roles else "run 'flask seed'"


def _connections() -> Iterator[Finding]:
    """Whether PostgreSQL, or the pooler before it, takes the connections of this machine."""
    if db.engine.dialect.name != "postgresql":
        return
    try:
        mode = sessions.pool_mode(db.engine)
    except sa.exc.DBAPIError as error:
        advice = "use pool_mode=transaction, and a default_pool_size of at least 2"
        yield "connection pooler", f"{advice}: {str(error.orig).strip()}"
        return
    config = current_app.config
    workers, size, overflow = (config[n] for n in ("WORKERS", "DB_POOL_SIZE", "DB_MAX_OVERFLOW"))
    listening = 0 if mode or config["REDIS_URL"] else 1  # for live events
    wanted = workers * (size + overflow + listening)
    with db.engine.connect() as connection:
        allowed = int(connection.execute(sa.text("SHOW max_connections")).scalar_one())
    if mode is None:
        advice = "raise max_connections, or lower DB_POOL_SIZE, DB_MAX_OVERFLOW or WEB_CONCURRENCY"
        name = f"connections ({workers} workers may open {wanted} of {allowed})"
        yield name, None if wanted < allowed else advice
        return
    lost = mode == "transaction" and config["DB_PREPARE"]
    name = f"connection pooler ({mode} mode; PostgreSQL allows {allowed} connections)"
    yield (
        name,
        "remove DB_PREPARE=true: prepared statements are lost in this mode" if lost else None,
    )
    # What the pooler allows only its administrator can see.
    option = "max_client_conn" if mode == "transaction" else "default_pool_size"
    name = f"connections ({workers} workers may open {wanted}: {option} has to be larger)"
    starve = mode == "session" and overflow
    yield name, "set DB_MAX_OVERFLOW=0, or use pool_mode=transaction" if starve else None


def _storage() -> Iterator[Finding]:
    store = stores.current()
    advice = _attempt(store.check, store.advice) or _attempt(checks.try_storage, store.advice)
    yield f"storage ({current_app.config['STORAGE_URL'].partition(':')[0]})", advice


def _mail() -> Iterator[Finding]:
    if url := current_app.config["MAIL_URL"]:
        yield "mail", _attempt(lambda: _reach_mail_server(url), "check MAIL_URL")


def _reach_mail_server(url: str) -> None:
    parts = urlsplit(url)
    context = ssl.create_default_context()
    with mail.connect(parts.scheme, parts.hostname or "", parts.port or 0, context) as smtp:
        smtp.noop()


def _redis() -> Iterator[Finding]:
    if current_app.config["REDIS_URL"]:
        yield "redis", _attempt(checks.check_redis, "check REDIS_URL")


def _live() -> Iterator[Finding]:
    """What tells the workers of new events (core/live/waking.py)."""
    with suppress(sa.exc.DBAPIError):  # which is a finding of its own
        yield f"live events ({live.service().waker.described()})", None


def _attempt(check: Callable[[], None], advice: str | Callable[[BaseException], str]) -> str | None:
    """None if it succeeds; otherwise what to do, and the error."""
    try:
        check()
    except (OSError, smtplib.SMTPException, ServiceUnavailable) as error:
        cause = error.__cause__ or error
        return f"{advice if isinstance(advice, str) else advice(cause)}: {cause}"
    return None


LOOKS = (_settings, _database, _storage, _mail, _redis, _live)


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Check settings, database, migrations, storage, mail and Redis. Exits 1 if a check fails."""
    findings = [f for look in LOOKS for f in look()]
    for name, advice in findings:
        click.echo(f"{'!!' if advice else 'ok'}  {name}{': ' + advice if advice else ''}")
    if any(advice for _, advice in findings):
        raise click.exceptions.Exit(1)
