import dataclasses as dc
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from halolight import config as config_module
from halolight.config import Config
from halolight.setting import SettingError
from tests.conftest import SECRET

RANDOM = "q8Zr1TfW0vLxK3mB7nYc5HdJ2sGp9UeA"  # 32 bytes that nobody knows


def refusal(**env: str) -> str:
    """What the process would print when it does not start with these variables."""
    with pytest.raises(SettingError) as refused:
        Config.from_env(env)
    return str(refused.value)


class TestDefaults:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("NODE_ENV", "development"),
            ("DATABASE_URL", "sqlite:///./halolight.db"),
            ("DB_POOL_SIZE", 10),
            ("DB_MAX_OVERFLOW", 10),
            ("DB_POOL_TIMEOUT", 30),
            ("DB_PREPARE", None),
            ("JWT_SECRET", ""),
            ("JWT_ACCESS_EXPIRES", timedelta(minutes=15)),
            ("JWT_REFRESH_EXPIRES", timedelta(days=7)),
            ("PORT", 8000),
            ("CORS_ORIGINS", ("http://localhost:3000",)),
            ("ALLOW_REGISTRATION", True),
            ("MAIL_URL", ""),
            ("REDIS_URL", ""),
            ("MAX_UPLOAD_SIZE", 100 * 1024**2),
            ("STORAGE_QUOTA", 10 * 1024**3),
            ("RATE_LIMIT_DEFAULT", ""),
            ("LOG_FORMAT", "text"),
            ("TRUSTED_PROXIES", 0),
            ("METRICS_TOKEN", ""),
        ],
    )
    def test_are_those_of_the_contract(self, name: str, value: object) -> None:
        assert getattr(Config.from_env({}), name) == value

    @pytest.mark.parametrize("field", dc.fields(Config), ids=lambda field: str(field.name))
    def test_hold_for_a_variable_that_is_empty(self, field: dc.Field[Any]) -> None:
        assert Config.from_env({field.name: ""}) == Config.from_env({})

    @pytest.mark.parametrize("field", dc.fields(Config), ids=lambda field: str(field.name))
    def test_come_with_an_example_that_works(self, field: dc.Field[Any]) -> None:
        Config.from_env({field.name: field.metadata["example"]})

    def test_are_one_worker_in_development_and_each_core_in_production(self) -> None:
        assert Config().workers == 1
        assert Config(NODE_ENV="production").workers == len(os.sched_getaffinity(0))
        assert Config(NODE_ENV="production", WEB_CONCURRENCY=3).workers == 3


class TestGoodValues:
    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("NODE_ENV", "test", "test"),
            ("NODE_ENV", "Development", "development"),
            ("DATABASE_URL", "sqlite:////var/lib/x.db", "sqlite:////var/lib/x.db"),
            ("DB_POOL_SIZE", "5", 5),
            ("DB_MAX_OVERFLOW", "0", 0),
            ("DB_POOL_TIMEOUT", "1", 1),
            ("DB_PREPARE", "Auto", None),
            ("DB_PREPARE", "false", False),
            ("JWT_SECRET", SECRET, SECRET),
            ("JWT_SECRET", "short", "short"),
            ("JWT_ACCESS_EXPIRES", "30s", timedelta(seconds=30)),
            ("JWT_ACCESS_EXPIRES", "2H", timedelta(hours=2)),
            ("JWT_REFRESH_EXPIRES", "14d", timedelta(days=14)),
            ("PORT", "1", 1),
            ("PORT", " 65535 ", 65535),
            ("WEB_CONCURRENCY", "4", 4),
            ("CORS_ORIGINS", "[]", ()),
            ("CORS_ORIGINS", '["https://a.com", "http://b:81"]', ("https://a.com", "http://b:81")),
            ("CORS_ORIGINS", '["*"]', ("*",)),
            ("CORS_ORIGINS", "https://a.com, http://b:81,", ("https://a.com", "http://b:81")),
            ("ALLOW_REGISTRATION", "false", False),
            ("ALLOW_REGISTRATION", "0", False),
            ("ALLOW_REGISTRATION", "TRUE", True),
            ("FRONTEND_URL", "https://app.example.com/", "https://app.example.com"),
            ("MAIL_URL", "smtps://u:p@mail.example.com", "smtps://u:p@mail.example.com"),
            ("STORAGE_URL", "file:/var/lib/uploads", "file:/var/lib/uploads"),
            ("REDIS_URL", "rediss://:p@redis:6380/1", "rediss://:p@redis:6380/1"),
            ("MAX_UPLOAD_SIZE", "1048576", 1024**2),
            ("MAX_UPLOAD_SIZE", "512KB", 512 * 1024),
            ("MAX_UPLOAD_SIZE", "5 mb", 5 * 1024**2),
            ("STORAGE_QUOTA", "2GB", 2 * 1024**3),
            ("LOG_LEVEL", "debug", "DEBUG"),
            ("LOG_FORMAT", "JSON", "json"),
            ("TRUSTED_PROXIES", "2", 2),
            ("METRICS_TOKEN", "any text", "any text"),
            ("RATE_LIMIT_DEFAULT", "100/minute", "100/minute"),
            ("RATE_LIMIT_DEFAULT", "5 per second", "5 per second"),
        ],
    )
    def test_are_read(self, name: str, text: str, value: object) -> None:
        assert getattr(Config.from_env({name: text}), name) == value

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
    def test_of_postgresql_get_the_driver_that_is_installed(self, scheme: str) -> None:
        url = f"{scheme}://me:p%40ss@db.example.com:5433/halo?sslmode=require"

        read = Config.from_env({"DATABASE_URL": url}).DATABASE_URL

        assert read == url.replace(f"{scheme}:", "postgresql+psycopg2:", 1)

    def test_are_not_shown_with_their_secrets(self) -> None:
        assert RANDOM not in repr(Config(JWT_SECRET=RANDOM))


class TestBadValues:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("NODE_ENV", "staging"),
            ("DATABASE_URL", "halolight.db"),
            ("DATABASE_URL", "mysql://localhost/halo"),
            ("DATABASE_URL", "sqlite://"),
            ("DATABASE_URL", "sqlite:///:memory:"),
            ("DATABASE_URL", "postgresql+asyncpg://localhost/halo"),
            ("DATABASE_URL", "postgresql://localhost:port/halo"),
            ("DB_POOL_SIZE", "0"),
            ("DB_POOL_SIZE", "many"),
            ("DB_MAX_OVERFLOW", "-1"),
            ("DB_POOL_TIMEOUT", "0"),
            ("DB_POOL_TIMEOUT", "1.5"),
            ("DB_PREPARE", "maybe"),
            ("JWT_ACCESS_EXPIRES", "15"),
            ("JWT_ACCESS_EXPIRES", "0m"),
            ("JWT_ACCESS_EXPIRES", "-5m"),
            ("JWT_ACCESS_EXPIRES", "15 minutes"),
            ("JWT_ACCESS_EXPIRES", "999999999d"),
            ("JWT_REFRESH_EXPIRES", "7w"),
            ("PORT", "0"),
            ("PORT", "65536"),
            ("PORT", "80a"),
            ("PORT", "+80"),
            ("PORT", "８０"),  # noqa: RUF001
            ("PORT", "9" * 5000),
            ("WEB_CONCURRENCY", "0"),
            ("WEB_CONCURRENCY", "auto"),
            ("CORS_ORIGINS", "http://localhost:3000, localhost"),
            ("CORS_ORIGINS", '["http://localhost:3000"'),
            ("CORS_ORIGINS", '"http://localhost:3000"'),
            ("CORS_ORIGINS", "[1]"),
            ("CORS_ORIGINS", '["http://localhost:3000/"]'),
            ("CORS_ORIGINS", '["localhost"]'),
            ("CORS_ORIGINS", '["https://*.example.com"]'),
            ("ADMIN_EMAIL", "admin"),
            ("ADMIN_PASSWORD", "short"),
            ("ADMIN_PASSWORD", "password123"),
            ("ALLOW_REGISTRATION", "maybe"),
            ("FRONTEND_URL", "localhost:3000"),
            ("FRONTEND_URL", "ftp://example.com"),
            ("FRONTEND_URL", "http://localhost:99999"),
            ("MAIL_URL", "mail.example.com"),
            ("MAIL_URL", "smtp://"),
            ("MAIL_URL", "smtp://mail.example.com:port"),
            ("STORAGE_URL", "/var/lib/uploads"),
            ("STORAGE_URL", "file:"),
            ("REDIS_URL", "localhost:6379"),
            ("REDIS_URL", "redis://localhost:99999"),
            ("MAX_UPLOAD_SIZE", "0"),
            ("MAX_UPLOAD_SIZE", "1.5GB"),
            ("MAX_UPLOAD_SIZE", "-1"),
            ("STORAGE_QUOTA", "1TB"),
            ("STORAGE_QUOTA", "lots"),
            ("LOG_LEVEL", "verbose"),
            ("LOG_FORMAT", "xml"),
            ("TRUSTED_PROXIES", "-1"),
            ("TRUSTED_PROXIES", "11"),
            ("RATE_LIMIT_DEFAULT", "fast"),
            ("RATE_LIMIT_DEFAULT", "100"),
            ("RATE_LIMIT_DEFAULT", "0/minute"),
            ("RATE_LIMIT_DEFAULT", "5/second; 100/minute"),
        ],
    )
    def test_are_refused_in_one_line_with_the_fault_and_an_example(
        self, name: str, text: str
    ) -> None:
        line = refusal(**{name: text})

        example = next(f.metadata["example"] for f in dc.fields(Config) if f.name == name)
        assert line.startswith(f"{name}: ")
        assert line.endswith(f"(example: {name}={example})")
        assert len(line) > len(f"{name}:  (example: {name}={example})")
        assert "\n" not in line
        assert len(line) < 300

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("DATABASE_URL", "mysql://me:hidden@localhost/halo"),
            ("DATABASE_URL", "postgresql://me:hidden@localhost:port/halo"),
            ("MAIL_URL", "http://me:hidden@localhost"),
            ("REDIS_URL", "redis://:hidden@localhost:port"),
        ],
    )
    def test_keep_their_passwords(self, name: str, text: str) -> None:
        assert "hidden" not in refusal(**{name: text})

    def test_end_the_process(self) -> None:
        assert issubclass(SettingError, SystemExit)


class TestProduction:
    @pytest.mark.parametrize(
        ("secret", "fault"),
        [
            (None, "is required in production"),
            ("", "is required in production"),
            (RANDOM[:31], "is 31 bytes long; HS256 needs at least 32"),
            ("your-super-secret-jwt-key-change-in-production", "well-known"),
            ("CHANGEME-q8Zr1TfW0vLxK3mB7nYc5HdJ2s", "well-known"),
            ("a" * 64, "guessable"),
            ("abc" * 20, "guessable"),
        ],
    )
    def test_refuses_an_unsafe_secret(self, secret: str | None, fault: str) -> None:
        env = {"NODE_ENV": "production"} | ({} if secret is None else {"JWT_SECRET": secret})

        line = refusal(**env)

        assert line.startswith("JWT_SECRET: ")
        assert fault in line
        assert line.endswith("(example: JWT_SECRET=$(openssl rand -hex 32))")
        assert not secret or secret not in line

    def test_generates_a_secret_if_asked_to_and_on_sqlite_only(self) -> None:
        asked = {"NODE_ENV": "production", "GENERATE_JWT_SECRET": "true"}
        postgresql = asked | {"DATABASE_URL": "postgresql://db/halolight"}

        assert Config.from_env(asked).generates_secret
        assert not Config.from_env(asked | {"JWT_SECRET": RANDOM}).generates_secret
        assert "is required in production" in refusal(**postgresql)
        assert "is 31 bytes long" in refusal(**asked, JWT_SECRET=RANDOM[:31])

    def test_limits_what_people_are_sent(self) -> None:
        safe = {"NODE_ENV": "production", "JWT_SECRET": RANDOM}

        assert all(Config.from_env(safe).limits.values())
        assert not any(Config.from_env({}).limits.values())

    def test_lets_one_choose_other_limits_or_none(self) -> None:
        chosen = {"MAILS_PER_RECIPIENT": "OFF", "REGISTRATIONS_PER_ADDRESS": "5 per 10 minutes"}
        safe = {"NODE_ENV": "production", "JWT_SECRET": RANDOM}

        limits = Config.from_env(safe | chosen).limits

        assert limits["MAILS_PER_RECIPIENT"] == ""
        assert limits["REGISTRATIONS_PER_ADDRESS"] == "5 per 10 minutes"

    @pytest.mark.parametrize("origins", ['["*"]', '["https://a.example.com", "*"]'])
    def test_refuses_every_origin(self, origins: str) -> None:
        line = refusal(NODE_ENV="production", JWT_SECRET=RANDOM, CORS_ORIGINS=origins)

        assert line.startswith("CORS_ORIGINS: ")
        assert line.endswith('(example: CORS_ORIGINS=["https://admin.example.com"])')

    @pytest.mark.parametrize("name", ["production", "PRODUCTION", " production "])
    def test_starts_with_a_good_secret(self, name: str) -> None:
        assert Config.from_env({"NODE_ENV": name, "JWT_SECRET": RANDOM}).production

    @pytest.mark.parametrize("name", ["production", "PRODUCTION", " production "])
    def test_is_strict_however_it_is_written(self, name: str) -> None:
        assert refusal(NODE_ENV=name).startswith("JWT_SECRET: ")


class TestDotEnv:
    @pytest.fixture(autouse=True)
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A `.env` that sets the port and the level of the log, and nothing in the environment."""
        (tmp_path / ".env").write_text("PORT=9000\nLOG_LEVEL=DEBUG\nMAIL_URL\n")
        monkeypatch.setattr(config_module, "PROJECT", tmp_path)
        for field in dc.fields(Config):
            monkeypatch.delenv(field.name, raising=False)

    def test_is_read_in_development(self) -> None:
        assert Config.from_env().PORT == 9000

    @pytest.mark.parametrize("name", ["development", "Development", ""])
    def test_is_read_however_development_is_written(
        self, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv("NODE_ENV", name)

        assert Config.from_env().PORT == 9000

    @pytest.mark.parametrize("name", ["production", "test"])
    def test_is_not_read_otherwise(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.setenv("NODE_ENV", name)
        monkeypatch.setenv("JWT_SECRET", RANDOM)

        assert Config.from_env().PORT == 8000

    def test_gives_way_to_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PORT", "7000")

        config = Config.from_env()

        assert (config.PORT, config.LOG_LEVEL) == (7000, "DEBUG")

    def test_is_not_read_when_an_environment_is_given(self) -> None:
        assert Config.from_env({}).PORT == 8000
