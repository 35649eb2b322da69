"""Ada, who signs in throughout this folder, with a password that takes no time to hash."""

from collections.abc import Callable, Iterator
from typing import Any

import argon2
import pytest
from flask import Flask

from halolight.core import passwords
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.modules.auth.server import Server
from tests.modules.auth.steps import login

CHEAP_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def hashed_password() -> str:
    return CHEAP_HASHER.hash(PASSWORD)


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The real cost is looked at by one test; all others are spared it."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def ada(make: Factory) -> User:
    return make.user(email="ada@example.com", username="ada", name="Ada")


@pytest.fixture
def pair(anonymous: ApiClient, ada: User) -> dict[str, Any]:
    """What Ada's login answered: `accessToken`, `refreshToken` and so on."""
    data: dict[str, Any] = login(anonymous, "ada")
    return data


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setitem(app.extensions, "send_mail", server)
    return server


@pytest.fixture
def deliver(app: Flask) -> Callable[[], None]:
    """Send what is due, as the background does now and then."""
    run: Callable[[], None] = app.extensions["outbox"].run
    return run


@pytest.fixture
def people(make: Factory) -> list[str]:
    """The mail addresses of some users."""
    return [make.user(email=f"person{n}@example.com").email for n in range(12)]
