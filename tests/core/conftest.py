"""Fixtures for the tests of the core."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from halolight import create_app
from halolight.config import Config
from halolight.extensions import db
from halolight.modules.roles.seed import seed_roles
from tests.conftest import SECRET

BuildApp = Callable[..., Flask]


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """Our logger, which is as it was when the test is over."""
    logger = logging.getLogger("halolight")
    before = logger.handlers, logger.level
    yield logger
    logger.handlers, logger.level = before[0], before[1]


@pytest.fixture
def build_app(tmp_path: Path, log: logging.Logger) -> Iterator[BuildApp]:
    """Makes an application with settings of its own, on a database of its own."""
    apps: list[Flask] = []

    def build(**settings: Any) -> Flask:
        url = f"sqlite:///{tmp_path}/own{len(apps)}.db"
        given = {"NODE_ENV": "test", "JWT_SECRET": SECRET, "LOG_LEVEL": "ERROR"} | settings
        app = create_app(Config(DATABASE_URL=url, **given))
        apps.append(app)
        with app.app_context():
            db.create_all()
            seed_roles()
            db.session.commit()
        return app

    yield build
    for app in apps:
        with app.app_context():
            db.engine.dispose()
