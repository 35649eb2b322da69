"""Fixtures every test may use."""

import datetime as dt
import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask_migrate import upgrade

from halolight import create_app
from halolight.config import Config
from halolight.core.passwords import hash_password
from halolight.extensions import db
from halolight.modules.roles.models import Role
from halolight.modules.roles.seed import seed_roles
from halolight.parsers import database_url
from tests.api_client import ApiClient
from tests.databases import Reset, forget_counts, hurry, new_database
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.postgresql import own_folder, running_in

SECRET = "for-tests-only-0123456789-abcdefghij"


GARBAGE = 50_000  # objects before it is collected, instead of 700
SHARED_FOLDER = pytest.StashKey[Path]()
DATABASES = ("sqlite", "postgresql")


def pytest_configure(config: pytest.Config) -> None:
    """One folder for all processes of a run; it goes with the first of them."""
    if hasattr(config, "workerinput"):
        config.stash[SHARED_FOLDER] = Path(config.workerinput["shared_folder"])
        return
    stack = ExitStack()
    config.stash[SHARED_FOLDER] = stack.enter_context(own_folder())
    config.add_cleanup(stack.close)


def pytest_collection_finish() -> None:
    """The tests themselves are no garbage: looking through them again and again takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist asks what to tell a worker."""
    node.workerinput["shared_folder"] = str(node.config.stash[SHARED_FOLDER])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What uses the application runs on both databases, or on those that its mark names."""
    if "migrated_app" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("database")
        metafunc.parametrize("migrated_app", mark.args if mark else DATABASES, indirect=True)


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> Iterator[str]:
    """A PostgreSQL server: that of `TEST_DATABASE_URL`, or one for the time of the tests."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield database_url(given)
        return
    # One for each process of a run: the servers of two would use up the connections of one.
    process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with running_in(pytestconfig.stash[SHARED_FOLDER] / f"postgresql-{process}") as url:
        hurry(url)
        yield url


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A PostgreSQL database that this process alone uses."""
    with new_database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The `STORAGE_URL` of a bucket that this process alone uses."""
    from tests.s3_server import s3_server  # boto3 takes half a second to load

    with s3_server(tmp_path_factory.mktemp("s3") / "log") as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return migrated(f"sqlite:///{tmp_path_factory.mktemp('db')}/test.db", tmp_path_factory)


@pytest.fixture(scope="session")
def postgresql_app(
    postgresql_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    app = migrated(postgresql_url, tmp_path_factory)
    yield app
    with app.app_context():
        db.engine.dispose()


def migrated(url: str, folders: pytest.TempPathFactory) -> Flask:
    """The application on an empty database that the migrations have made."""
    app = create_app(
        Config(NODE_ENV="test", DATABASE_URL=url, JWT_SECRET=SECRET, LOG_LEVEL="ERROR")
    )
    app.instance_path = str(folders.mktemp("instance"))
    app.extensions["live"].lifetime = 0.0  # streams end at once, unless a test sets another
    with app.app_context():
        upgrade()
    return app


@pytest.fixture
def migrated_app(request: pytest.FixtureRequest) -> Flask:
    """The application on the database of this case: made once for each kind."""
    app: Flask = request.getfixturevalue(f"{request.param}_app")
    return app


@pytest.fixture
def app(migrated_app: Flask) -> Flask:
    """The application with the system roles and nothing else."""
    prepare(migrated_app)
    return migrated_app


def prepare(app: Flask) -> None:
    """Leave the system roles and nothing else, in the tables and in memory."""
    forget_counts(app)
    with app.app_context():
        reset_of(db.engine).run()


@cache
def reset_of(engine: sa.Engine) -> Reset:
    """What brings a database back to the system roles."""
    return Reset(engine, _add_roles, Role.metadata.tables["roles"])


def _add_roles() -> None:
    seed_roles()
    db.session.commit()


@pytest.fixture(scope="session")
def hashed_password() -> str:
    """The hash of `PASSWORD`, computed once: hashing is slow on purpose."""
    return hash_password(PASSWORD)


@pytest.fixture
def make(app: Flask, hashed_password: str) -> Factory:
    """Makes users and clients that are signed in."""
    return Factory(app, hashed_password)


@pytest.fixture
def mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """Where this test's mail arrives when it asks for the delivery."""
    monkeypatch.setitem(app.extensions, "send_mail", None)  # as before when the test is over
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
