"""What tests need to be there before they begin. Plain rows, used by their id."""

import secrets
from itertools import count
from typing import Any

import sqlalchemy as sa
from flask import Flask

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.sessions import tokens
from halolight.modules.sessions.models import Session
from halolight.modules.users.models import User
from tests.api_client import ApiClient

PASSWORD = "correct horse battery"  # of every user that a test makes

# Most tests begin with a few clients: without the unit of work they take half the time.
ADD_USER = sa.insert(User).returning(User.id)
ADD_SESSION = sa.insert(Session).returning(Session.id)


class Factory:
    def __init__(self, app: Flask, hashed_password: str) -> None:
        self.app = app
        self._hashed_password = hashed_password
        self._numbers = count(1)

    def user(self, role: str = "user", **fields: Any) -> User:
        """A user with the role; unless given, mail and username are made of role and a number."""
        with self.app.app_context():
            user = User(**self._fields(role, fields))
            db.session.add(user)
            db.session.commit()
            return user

    def client(self, role: str = "user", **fields: Any) -> ApiClient:
        """A client signed in as a new user."""
        with self.app.app_context(), db.engine.begin() as connection:
            user_id = connection.execute(ADD_USER, self._fields(role, fields)).scalar_one()
            return self._sign_in(connection, user_id)

    def sign_in(self, user_id: int) -> ApiClient:
        """A client with a new session of this user, without the cost of a password."""
        with self.app.app_context(), db.engine.begin() as connection:
            return self._sign_in(connection, user_id)

    def _fields(self, role: str, fields: dict[str, Any]) -> dict[str, Any]:
        name = f"{role}{next(self._numbers)}"
        return {
            "email": f"{name}@example.com",
            "username": name,
            "name": name.title(),
            "email_verified_at": utcnow(),
            "role": role,
            "hashed_password": self._hashed_password,
            **fields,
        }

    def _sign_in(self, connection: sa.Connection, user_id: int) -> ApiClient:
        """As `begin_session` does, but for the refresh token, which nobody is given."""
        now = utcnow()
        fields = {
            "user_id": user_id,
            "key": secrets.token_hex(16),
            "token_id": secrets.token_hex(15),
            "refresh_hash": "",
            "created_at": now,
            "last_used_at": now,
            "expires_at": now + self.app.config["JWT_REFRESH_EXPIRES"],
        }
        session = Session(id=connection.execute(ADD_SESSION, fields).scalar_one(), **fields)
        return ApiClient(self.app, tokens.access_token(session), user_id)
