"""The `flask` commands that belong to no module, and those of sessions."""

from pathlib import Path
from typing import Any, ClassVar

import flask_migrate
import pytest
import sqlalchemy as sa
import time_machine
from click.testing import Result
from flask import Flask

from halolight.config import Config
from halolight.core.db.base import Model
from halolight.extensions import db
from halolight.modules.calendar.models import Event
from halolight.modules.documents.models import Document, DocumentTag
from halolight.modules.files.models import File
from halolight.modules.health import migrations
from halolight.modules.roles.models import Role
from halolight.modules.roles.system import SYSTEM_ROLES
from halolight.modules.teams.models import Team
from halolight.modules.users.models import User
from halolight.setting import SettingError
from halolight.settings import flask_settings

from .api_client import ApiClient
from .contract.operations import NOWHERE, application
from .factories import Factory
from .modules.health.test_routes import migrate_to_the_future

ACCOUNTS = {
    "admin@example.com": "super_admin",
    "admin@halolight.h7ml.cn": "admin",
    "user@halolight.h7ml.cn": "user",
    "guest@halolight.h7ml.cn": "guest",
}


def run(app: Flask, *args: str, status: int = 0) -> str:
    """What the command prints; it ends with this status."""
    result: Result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == status, result.output
    return result.output


def counts(app: Flask) -> dict[str, int]:
    """How many rows each table has."""
    with app.app_context():
        tables = Model.metadata.sorted_tables
        return {
            table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in tables
        }


def column(app: Flask, statement: sa.Select[Any]) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(statement))


class TestSeed:
    def test_adds_the_system_roles(self, app: Flask) -> None:
        with app.app_context():
            db.session.execute(sa.delete(Role))
            db.session.commit()

        assert f"Roles added: {len(SYSTEM_ROLES)}" in run(app, "seed")

        assert set(column(app, sa.select(Role.name))) == set(SYSTEM_ROLES)

    def test_adds_nothing_the_second_time(self, app: Flask) -> None:
        run(app, "seed")
        before = counts(app)

        assert "Roles added: 0" in run(app, "seed")

        assert counts(app) == before
        assert before["users"] == 0

    def test_keeps_a_system_role_that_was_edited(self, app: Flask) -> None:
        with app.app_context():
            guest = db.session.get_one(Role, "guest")
            guest.label, guest.permissions = "Visitor", ["documents:view"]
            db.session.commit()

        run(app, "seed")

        with app.app_context():
            guest = db.session.get_one(Role, "guest")
            assert (guest.label, guest.permissions) == ("Visitor", ["documents:view"])


class TestFirstAdmin:
    LOGIN: ClassVar = {"email": "root@example.com", "password": "a long first password"}

    @pytest.fixture(autouse=True)
    def _settings(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "ADMIN_EMAIL", self.LOGIN["email"])
        monkeypatch.setitem(app.config, "ADMIN_PASSWORD", self.LOGIN["password"])

    def test_is_added_once(self, app: Flask, anonymous: ApiClient) -> None:
        assert "Administrator added: root@example.com" in run(app, "seed")
        assert "Administrator" not in run(app, "seed")

        signed_in = anonymous.post("/api/auth/login", json=self.LOGIN, status=200)
        assert signed_in["user"]["role"] == "super_admin"
        assert counts(app)["audit_entries"] == 2  # it was made, and signed in

    def test_never_changes_an_account(
        self, app: Flask, make: Factory, anonymous: ApiClient
    ) -> None:
        root = make.client("user", email="root@example.com")

        assert "root@example.com exists and stays as it is" in run(app, "seed")

        assert root.get("/api/users/me")["role"] == "user"
        anonymous.post("/api/auth/login", json=self.LOGIN, status=401)

    def test_is_not_added_beside_another(self, app: Flask, make: Factory) -> None:
        """The first one may have been deleted on purpose, and the setting forgotten."""
        make.user("super_admin", email="other@example.com")

        run(app, "seed")

        assert counts(app)["users"] == 1

    def test_needs_both_settings(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "ADMIN_PASSWORD", "")

        assert "Set both ADMIN_EMAIL and ADMIN_PASSWORD" in run(app, "seed", status=1)
        assert counts(app)["users"] == 0


def test_an_instance_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """As where the disk is read-only. It would hold the secret of a development server."""
    (tmp_path / "file").touch()

    with pytest.raises(SettingError, match=r"JWT_SECRET: cannot be kept in .*Not a directory"):
        flask_settings(Config(), str(tmp_path / "file" / "instance"))


@pytest.mark.slow
class TestSeedDemo:
    def test_adds_people_and_things_once(self, app: Flask, anonymous: ApiClient) -> None:
        """One demo for all that is asked of it: it is by far the slowest of the commands."""
        printed = run(app, "seed", "--demo")

        found = counts(app)
        assert found["users"] == 30
        assert min(found["teams"], found["documents"], found["document_shares"]) > 0
        assert min(found["files"], found["file_shares"], found["file_favorites"]) > 0

        run(app, "seed", "--demo")
        assert counts(app) == found  # the second time it adds nothing

        self.lets_its_accounts_sign_in(anonymous, printed)
        others = sa.select(User.email).where(User.email.not_in(ACCOUNTS)).limit(1)
        body = {"email": column(app, others)[0], "password": "123456"}
        anonymous.post("/api/auth/login", json=body, status=401)  # as nobody else one can

    @staticmethod
    def lets_its_accounts_sign_in(anonymous: ApiClient, printed: str) -> None:
        for email, role in ACCOUNTS.items():
            body = {"email": email, "password": "123456"}
            signed_in = anonymous.post("/api/auth/login", json=body, status=200)

            assert signed_in["user"]["role"] == role
            assert email in printed

    def test_is_refused_in_production(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "NODE_ENV", "production")

        printed = run(app, "seed", "--demo", status=1)

        assert "not allowed in production" in printed
        assert counts(app)["users"] == 0

    def test_adds_the_roles_in_production(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "NODE_ENV", "production")

        run(app, "seed")

    def test_gives_every_database_the_same(self) -> None:
        """Also when it is added with the tables, by `flask prepare`."""
        with application() as app:
            run(app, "prepare", "--demo")
            run(app, "prepare")
            prepared = self.added(app)
            assert counts(app)["roles"] == len(SYSTEM_ROLES)
        with application() as app:
            with app.app_context():
                flask_migrate.upgrade()
            run(app, "seed", "--demo")

            assert self.added(app) == prepared
        assert len(prepared["users"]) == 30

    @staticmethod
    def added(app: Flask) -> dict[str, list[Any]]:
        """What it has added, without the times, which are relative to now."""
        statements: dict[str, sa.Select[Any]] = {
            "users": sa.select(User.email + User.name + User.role + User.status + User.phone),
            "teams": sa.select(Team.name),
            "documents": sa.select(Document.title + sa.func.coalesce(Document.folder, "")),
            "events": sa.select(Event.title + Event.type).order_by(Event.id),
            "files": sa.select(File.path + sa.func.coalesce(File.checksum, "")).order_by(File.id),
            "tags": sa.select(DocumentTag.name).order_by(DocumentTag.document_id),
        }
        return {name: column(app, statement) for name, statement in statements.items()}


class TestPrepare:
    def test_leaves_a_newer_database_alone(self) -> None:
        with application() as app:
            migrate_to_the_future(app)

            assert "Warning: the database is newer" in run(app, "prepare")

            assert counts(app)["roles"] == 0


class TestDoctor:
    def test_says_that_all_is_well(self, app: Flask) -> None:
        printed = run(app, "doctor")

        assert "!!" not in printed
        for part in ("settings", "database", "migrations", "roles", "storage", "live events"):
            assert f"ok  {part}" in printed

    def test_says_that_migrations_are_missing(self) -> None:
        with application() as app:
            printed = run(app, "doctor", status=1)

        assert "!!  migrations: the database is not migrated; run 'flask db upgrade'" in printed

    def test_says_that_the_database_is_newer(self) -> None:
        with application() as app:
            migrate_to_the_future(app)
            printed = run(app, "doctor", status=1)

        assert "!!  migrations: the database is newer than this version of the API" in printed
        assert f"flask db downgrade {migrations.revisions().head}" in printed

    def test_says_that_roles_are_missing(self, app: Flask) -> None:
        with app.app_context():
            db.session.execute(sa.delete(Role))
            db.session.commit()

        assert "!!  roles: run 'flask seed'" in run(app, "doctor", status=1)

    def test_says_that_the_database_is_away(self) -> None:
        with application(DATABASE_URL=NOWHERE) as app:
            printed = run(app, "doctor", status=1)

        assert "!!  database: cannot connect, check DATABASE_URL" in printed
        assert "ok  storage" in printed  # it goes on

    def test_says_that_a_database_file_cannot_be_opened(self, tmp_path: Path) -> None:
        with application(DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/test.db") as app:
            assert "check DATABASE_URL" in run(app, "doctor", status=1)

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("STORAGE_URL", "file:/dev/null/uploads"),
            ("MAIL_URL", "smtp://127.0.0.1:1"),
            ("REDIS_URL", "redis://127.0.0.1:1/0"),
        ],
    )
    def test_says_which_setting_to_look_at(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
    ) -> None:
        monkeypatch.setitem(app.config, setting, value)

        assert setting in run(app, "doctor", status=1)

    def test_shows_no_secret(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "MAIL_URL", "smtp://me:hunter2@127.0.0.1:1")

        assert "hunter2" not in run(app, "doctor", status=1)


class TestPruneSessions:
    def test_deletes_those_that_have_ended(
        self, app: Flask, make: Factory, clock: time_machine.Traveller
    ) -> None:
        old = make.user()
        make.sign_in(old.id)
        clock.shift(8 * 24 * 3600)
        ended, kept = make.sign_in(old.id), make.sign_in(old.id)
        ended.post("/api/auth/logout", status=200)

        printed = run(app, "sessions", "prune")

        assert printed == "Deleted 2 sessions\n"
        assert counts(app)["sessions"] == 1
        kept.get("/api/users/me")

    def test_has_nothing_to_do_the_second_time(self, app: Flask, user: ApiClient) -> None:
        assert run(app, "sessions", "prune") == "Deleted 0 sessions\n"
        user.get("/api/users/me")
