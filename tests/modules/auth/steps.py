"""What the tests of signing in do again and again."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import jwt
from flask import Flask

from halolight.core.db.base import Model
from halolight.extensions import db
from tests.api_client import ApiClient
from tests.factories import PASSWORD

T = TypeVar("T")
R = TypeVar("R")

NEW_PASSWORD = "a quite different sentence"


def login(
    client: ApiClient,
    identifier: str,
    password: str = PASSWORD,
    *,
    status: int = 200,
    **kwargs: Any,
) -> Any:
    body = {"email": identifier, "password": password}
    return client.post("/api/auth/login", json=body, status=status, **kwargs)


def refresh(client: ApiClient, token: str, *, status: int = 200) -> Any:
    return client.post("/api/auth/refresh", json={"refreshToken": token}, status=status)


def get_me(client: ApiClient, access_token: str, *, status: int = 200) -> Any:
    """Who this access token says one is."""
    return ApiClient(client.app, access_token).get("/api/auth/me", status=status)


def forgot_password(client: ApiClient, email: str = "ada@example.com", **kwargs: Any) -> None:
    client.post("/api/auth/forgot-password", json={"email": email}, status=200, **kwargs)


def reset_password(
    client: ApiClient, token: str, password: str = NEW_PASSWORD, *, status: int = 200
) -> Any:
    body = {"token": token, "password": password}
    return client.post("/api/auth/reset-password", json=body, status=status)


def change_password(
    client: ApiClient, current: str = PASSWORD, new: str = NEW_PASSWORD, *, status: int = 200
) -> Any:
    body = {"currentPassword": current, "newPassword": new}
    return client.post("/api/auth/change-password", json=body, status=status)


def claims(token: str) -> dict[str, Any]:
    """What the token says, unchecked."""
    said: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return said


def fields(error: Any) -> list[str]:
    """Which fields the error complains of."""
    return [detail["field"] for detail in error["details"]]


def everything_stored(app: Flask) -> str:
    """Every value of every row of every table."""
    with app.app_context():
        rows = [
            str(row._asdict())
            for table in Model.metadata.sorted_tables
            for row in db.session.execute(table.select())
        ]
    return "\n".join(rows)


def all_at_once(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Call the function with each item, in parallel."""
    items = list(items)
    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(function, items))
