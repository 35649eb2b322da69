"""All settings: each under the name of its environment variable, with its default and its text."""

import dataclasses as dc
from datetime import timedelta

from . import parsers
from .setting import DEFAULT_ORIGINS, setting


@dc.dataclass(frozen=True, kw_only=True, repr=False)  # its values are secrets, some of them
class Variables:
    """What `Config` reads. The order is that of docs/settings.md."""

    NODE_ENV: str = setting(
        "development",
        parsers.one_of("development", "production", "test"),
        example="development",
        about="`development`, `production` or `test`",
    )
    DATABASE_URL: str = setting(
        "sqlite:///./halolight.db",
        parsers.database_url,
        example="postgresql://user:password@localhost:5432/halolight_db",
        shown="sqlite:///./halolight.db",
        about="URL of the database: SQLite (a relative path is below `instance/`) or PostgreSQL",
    )
    DB_POOL_SIZE: int = setting(
        10,
        parsers.whole_number(1, 1000),
        example="10",
        about="PostgreSQL connections that each worker keeps open",
    )
    DB_MAX_OVERFLOW: int = setting(
        10,
        parsers.whole_number(0, 1000),
        example="10",
        about="additional connections per worker under load",
    )
    DB_POOL_TIMEOUT: int = setting(
        30,
        parsers.whole_number(1, 600),
        example="30",
        about="seconds to wait for a free connection before the API returns 503",
    )
    DB_PREPARE: bool | None = setting(
        None,
        parsers.boolean_or_auto,
        example="auto",
        about="whether to prepare statements: `true`, `false`, or `auto`: not behind a pooler",
    )
    JWT_SECRET: str = setting(
        "",
        str,
        example="$(openssl rand -hex 32)",
        shown="generated once in development",
        about="key that signs the tokens, at least 32 bytes; required in production",
    )
    GENERATE_JWT_SECRET: bool = setting(
        False,
        parsers.boolean,
        example="true",
        shown="false",
        about="whether production, too, may generate it, with SQLite only; the image sets this",
    )
    JWT_ACCESS_EXPIRES: timedelta = setting(
        timedelta(minutes=15),
        parsers.duration,
        example="15m",
        about="lifetime of an access token (units `s m h d`)",
    )
    JWT_REFRESH_EXPIRES: timedelta = setting(
        timedelta(days=7),
        parsers.duration,
        example="7d",
        about="lifetime of an unused refresh token (units `s m h d`)",
    )
    PORT: int = setting(
        8000, parsers.whole_number(1, 65535), example="8000", about="port of the server"
    )
    WEB_CONCURRENCY: int | None = setting(
        None,
        parsers.whole_number(1, 256),
        example="4",
        shown="1; in production the number of cores",
        about="number of worker processes",
    )
    CORS_ORIGINS: tuple[str, ...] = setting(
        DEFAULT_ORIGINS,
        parsers.origins,
        example='["http://localhost:3000"]',
        about="origins from which browsers may call the API: a JSON list, or separated by commas. "
        "If not set, development also lets in every loopback origin",
    )
    ADMIN_EMAIL: str = setting(
        "",
        parsers.email,
        example="you@example.com",
        shown="not set",
        about="super administrator that `flask seed` adds if there is none, with `ADMIN_PASSWORD`",
    )
    ADMIN_PASSWORD: str = setting(
        "",
        parsers.password,
        example="$(openssl rand -hex 16)",
        shown="not set",
        about="first password of `ADMIN_EMAIL`, which no later start sets again",
    )
    ALLOW_REGISTRATION: bool = setting(
        True, parsers.boolean, example="true", about="whether visitors may register"
    )
    EMAIL_VERIFICATION: bool = setting(
        False,
        parsers.boolean,
        example="true",
        shown="false",
        about="whether new accounts and new mail addresses have to be confirmed by mail",
    )
    CALENDAR_MAILS: bool = setting(
        False, parsers.boolean, example="true", shown="false", about="whether to mail invitations"
    )
    FRONTEND_URL: str = setting(
        "http://localhost:3000",
        parsers.http_url,
        example="http://localhost:3000",
        about="base URL of the links in mails",
    )
    DEFAULT_LANGUAGE: str = setting(
        "en", parsers.language, example="en", about="`en` or `zh`, for mails and notifications"
    )
    MAIL_URL: str = setting(
        "",
        parsers.mail_url,
        example="smtp://user:password@mail.example.com:587?from=halolight@example.com",
        shown="not set: mail is logged in development and queued in production",
        about="SMTP server: `smtp://` (STARTTLS if offered) or `smtps://`; `from` is the sender",
    )
    STORAGE_URL: str = setting(
        "file:./uploads",
        parsers.storage_url,
        example="file:./uploads",
        about="folder for uploaded files (a relative path is below `instance/`), or an S3 bucket:"
        " `s3://bucket/prefix?endpoint=https://s3.example.com`",
    )
    STORAGE_LINKS: str = setting(
        "api",
        parsers.one_of("api", "bucket"),
        example="api",
        about="what `download-url` links serve the file from: the `api`, or a redirect to the"
        " `bucket`",
    )
    MAX_UPLOAD_SIZE: int = setting(
        100 * 1024**2,
        parsers.size,
        example="100MB",
        about="size limit of an uploaded file (units `KB MB GB`)",
    )
    STORAGE_QUOTA: int = setting(
        10 * 1024**3,
        parsers.size,
        example="10GB",
        about="storage space per user (units `KB MB GB`)",
    )
    UNVERIFIED_STORAGE_QUOTA: int = setting(
        100 * 1024**2,
        parsers.size,
        example="100MB",
        about="with `EMAIL_VERIFICATION`, storage space per user whose address is not confirmed",
    )
    REGISTRATIONS_PER_ADDRESS: str = setting(
        "",
        parsers.limit_or_off,
        example="10/hour",
        shown="10/hour in production, otherwise off",
        about="limit of registrations per IP address, or `off`",
    )
    MAILS_PER_RECIPIENT: str = setting(
        "",
        parsers.limit_or_off,
        example="10/hour",
        shown="10/hour in production, otherwise off",
        about="limit of mails of all kinds per recipient, or `off`",
    )
    MAILS_PER_UNVERIFIED_RECIPIENT: str = setting(
        "",
        parsers.limit_or_off,
        example="3/day",
        shown="3/day in production, otherwise off",
        about="the same for an address that nobody has confirmed",
    )
    NOTIFICATIONS_PER_PAIR: str = setting(
        "",
        parsers.limit_or_off,
        example="10/hour",
        shown="10/hour in production, otherwise off",
        about="notifications of a type from user to user; more replace the last unread one",
    )
    REDIS_URL: str = setting(
        "",
        parsers.redis_url,
        example="redis://localhost:6379/0",
        shown="not set",
        about="Redis in which all workers share the counts of `RATE_LIMIT_DEFAULT`, and which "
        "wakes them for live events",
    )
    RATE_LIMIT_DEFAULT: str = setting(
        "",
        parsers.rate_limit,
        example="100/minute",
        shown="not set",
        about="request limit per user, or per IP address without a sign-in (`100/minute`)",
    )
    LOG_LEVEL: str = setting(
        "INFO",
        parsers.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        example="INFO",
        about="`DEBUG`, `INFO`, `WARNING` or `ERROR`",
    )
    LOG_FORMAT: str = setting(
        "text", parsers.one_of("text", "json"), example="text", about="log lines: `text` or `json`"
    )
    TRUSTED_PROXIES: int = setting(
        0,
        parsers.whole_number(0, 10),
        example="0",
        about="number of reverse proxies in front whose `X-Forwarded-*` headers are trusted",
    )
    CONNECTIONS_PER_ADDRESS: int = setting(
        256,
        parsers.whole_number(1, 100_000),
        example="256",
        about="connections per IP address and worker; no limit behind `TRUSTED_PROXIES`",
    )
    METRICS_TOKEN: str = setting(
        "", str, example="a-long-random-text", shown="not set", about="bearer token for `/metrics`"
    )
    SENTRY_DSN: str = setting(
        "",
        parsers.sentry_dsn,
        example="https://key@sentry.example.com/1",
        shown="not set",
        about="where to report crashes, see [Crashes and traces](#crashes-and-traces)",
    )
