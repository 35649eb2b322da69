"""Fixtures every test may use."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask_migrate import upgrade

from halolight import create_app
from halolight.config import Config
from halolight.core.database import Model
from halolight.core.passwords import hash_password
from halolight.extensions import db
from halolight.modules.roles.seed import seed_roles
from halolight.parsers import database_url
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.postgresql import postgresql

SECRET = "for-tests-only-0123456789-abcdefghij"


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server: `TEST_DATABASE_URL`, or one that starts and stops with the tests."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield database_url(given)
        return
    with postgresql() as url:
        yield url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application on an empty database that the migrations have made, once on each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('db')}/test.db"
    else:
        url = request.getfixturevalue("postgresql_url")
    app = create_app(
        Config(NODE_ENV="test", DATABASE_URL=url, JWT_SECRET=SECRET, LOG_LEVEL="ERROR")
    )
    app.instance_path = str(tmp_path_factory.mktemp("instance"))
    with app.app_context():
        upgrade()
    return app


@pytest.fixture
def app(migrated_app: Flask) -> Flask:
    """The application with the system roles and nothing else."""
    with migrated_app.app_context():
        for table in reversed(Model.metadata.sorted_tables):
            if table.name != "row_counts":  # the triggers keep that one
                db.session.execute(table.delete())
        seed_roles()
        db.session.commit()
    return migrated_app


@pytest.fixture(scope="session")
def hashed_password() -> str:
    """The hash of `PASSWORD`, computed once: hashing is slow on purpose."""
    return hash_password(PASSWORD)


@pytest.fixture
def make(app: Flask, hashed_password: str) -> Factory:
    """Makes users and clients that are signed in."""
    return Factory(app, hashed_password)


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    """Where this test's mail arrives when it asks for the delivery."""
    return Mailbox(app)


@pytest.fixture
def anonymous(app: Flask) -> ApiClient:
    return ApiClient(app)


@pytest.fixture
def user(make: Factory) -> ApiClient:
    return make.client("user")


@pytest.fixture
def admin(make: Factory) -> ApiClient:
    return make.client("admin")


@pytest.fixture
def super_admin(make: Factory) -> ApiClient:
    return make.client("super_admin")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time, which a test moves with `clock.shift(seconds)`; it goes on by itself, too."""
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=True) as traveller:
        yield traveller


@pytest.fixture
def project() -> Path:
    return Path(__file__).parent.parent
