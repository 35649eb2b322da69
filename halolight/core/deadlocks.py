"""A second try for what PostgreSQL has ended, so that two transactions do not wait for each other.

Locks are taken in one order everywhere but where a row takes others along: the deletion of an
account goes through the tables in an order of PostgreSQL's own. Of what was ended nothing has been
written, and a service commits once, so its view runs again as if for the first time.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy.exc
from flask import current_app, request

from .database import Database

ENDED = frozenset({"40P01", "40001"})  # SQLSTATEs: deadlock detected, serialization failure


def with_second_try(view: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What the view answers, at its second try if the first was ended."""
    try:
        return view(*args, **kwargs)
    except sqlalchemy.exc.OperationalError as error:
        if getattr(error.orig, "pgcode", None) not in ENDED or _is_read_once():
            raise
    db: Database = current_app.extensions["sqlalchemy"]
    db.session.rollback()
    return view(*args, **kwargs)


def _is_read_once() -> bool:
    """A file comes from the socket once; JSON is kept."""
    return request.mimetype == "multipart/form-data"
