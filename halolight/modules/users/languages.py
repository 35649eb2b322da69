"""The language of mails and notifications, which are written outside of a request."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from flask import current_app

from halolight.core.client_info import client_info
from halolight.core.db.among import Among
from halolight.core.i18n import asked_language
from halolight.extensions import db

from .models import User

LANGUAGES_OF = sa.select(User.id, User.language).where(Among(User.id, "ids"))


def asked() -> dict[str, str]:
    """The column for a user who signs in or registers; empty if no language was requested."""
    language = asked_language(client_info.get().accept_language)
    return {"language": language} if language else {}


def language_of(user: Any) -> str:
    """The language of a user, or of a row with the column."""
    return user.language or default_language()


def languages_of(user_ids: Collection[int]) -> dict[int, str]:
    return {row.id: language_of(row) for row in db.execute(LANGUAGES_OF, ids=user_ids)}


def default_language() -> str:
    language: str = current_app.config["DEFAULT_LANGUAGE"]
    return language
