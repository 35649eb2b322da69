"""Settings: read from the environment once, checked before anything else starts."""

import dataclasses as dc
import os
from collections.abc import Mapping
from pathlib import Path

import dotenv

from . import parsers
from .setting import DEFAULT_ORIGINS, LIMITS, SettingError, read
from .variables import Variables

PROJECT = Path(__file__).resolve().parent.parent


@dc.dataclass(frozen=True, kw_only=True, repr=False)  # its values are secrets, some of them
class Config(Variables):
    """The settings of this process, and what follows from several of them."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Config":
        """The settings of this process. Raises `SettingError` naming the first wrong variable.

        Without `env` that is the environment, completed by `.env` unless in production.
        An empty variable counts as not set.
        """
        if env is None:
            env = os.environ
            if (env.get("NODE_ENV") or "development").casefold() == "development":
                file = {k: v or "" for k, v in dotenv.dotenv_values(PROJECT / ".env").items()}
                env = file | dict(env)
        config = cls(**{f.name: read(f, env) for f in dc.fields(cls) if env.get(f.name)})
        if config.STORAGE_LINKS == "bucket" and not config.STORAGE_URL.startswith("s3:"):
            raise SettingError("STORAGE_LINKS", "only an s3:// STORAGE_URL has a bucket", "api")
        config._refuse_unsafe_production()
        return config

    @property
    def production(self) -> bool:
        return self.NODE_ENV == "production"

    @property
    def generates_secret(self) -> bool:
        """Whether one is missing and may be made: with SQLite, which means one machine."""
        asked = self.GENERATE_JWT_SECRET and self.DATABASE_URL.startswith("sqlite")
        return not self.JWT_SECRET and (asked or not self.production)

    @property
    def any_loopback(self) -> bool:
        """Whether pages of every server on this machine may call the API."""
        return self.NODE_ENV == "development" and self.CORS_ORIGINS is DEFAULT_ORIGINS

    @property
    def workers(self) -> int:
        return self.WEB_CONCURRENCY or (len(os.sched_getaffinity(0)) if self.production else 1)

    @property
    def limits(self) -> dict[str, str]:
        """The limits on what users are sent; an empty value means no limit."""
        defaults = LIMITS if self.production else dict.fromkeys(LIMITS, "")
        chosen = {name: getattr(self, name) or default for name, default in defaults.items()}
        return {name: "" if text == "off" else text for name, text in chosen.items()}

    def _refuse_unsafe_production(self) -> None:
        """The checks that a developer's machine is spared (OWASP ASVS 13.3.1)."""
        if not self.production:
            return
        fault = parsers.secret_fault(self.JWT_SECRET)
        if fault and not self.generates_secret:
            raise SettingError("JWT_SECRET", fault, "$(openssl rand -hex 32)")
        if "*" in self.CORS_ORIGINS:
            fault = "'*' lets any website call the API for its visitors; list the origins"
            raise SettingError("CORS_ORIGINS", fault, '["https://admin.example.com"]')
