"""What tests need to be there before they begin. Plain rows, used by their id."""

from itertools import count
from typing import Any

from flask import Flask

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.sessions import tokens
from halolight.modules.sessions.service import begin_session
from halolight.modules.users.models import User
from tests.api_client import ApiClient

PASSWORD = "correct horse battery"  # of every user that a test makes


class Factory:
    def __init__(self, app: Flask, hashed_password: str) -> None:
        self.app = app
        self._hashed_password = hashed_password
        self._numbers = count(1)

    def user(self, role: str = "user", **fields: Any) -> User:
        """A user with the role; unless given, mail and username are made of role and a number."""
        name = f"{role}{next(self._numbers)}"
        given: dict[str, Any] = {
            "email": f"{name}@example.com",
            "username": name,
            "name": name.title(),
        }
        given |= {"email_verified_at": utcnow()} | fields
        with self.app.app_context():
            user = User(role=role, hashed_password=self._hashed_password, **given)
            db.session.add(user)
            db.session.commit()
            return user

    def client(self, role: str = "user", **fields: Any) -> ApiClient:
        """A client signed in as a new user."""
        return self.sign_in(self.user(role, **fields).id)

    def sign_in(self, user_id: int) -> ApiClient:
        """A client with a new session of this user, without the cost of a password."""
        with self.app.app_context():
            session = begin_session(user_id)
            db.session.commit()
            return ApiClient(self.app, tokens.access_token(session), user_id)
