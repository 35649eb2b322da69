"""A second try for a request whose transaction PostgreSQL has ended, above all for a deadlock.

Locks are taken in one order everywhere, except where PostgreSQL takes them itself. Deleting an
account locks its row first and then, by `ON DELETE`, the rows that refer to it. A change of such a
row locks that row first, and then the account, when it adds another reference to it (a version, a
share, a notification). PostgreSQL ends whichever of the two notices first (its documentation,
13.3.4), so not only deletions need this but every change. Reads do not: they hold no locks.

After a migration, a prepared statement may be one that PostgreSQL executes no more. The rollback
forgets those that the connection has, so the second try succeeds.

Of what was ended nothing is written, and a service commits once, so its view can run again.
"""

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy.exc
from flask import current_app, request

from .base import Database
from .driver import OUTDATED

# SQLSTATEs: deadlock detected, serialization failure
ENDED = frozenset({"40P01", "40001"}) | OUTDATED
PAUSE = 0.2  # seconds, in which the other transaction takes the lock that it has waited for
SAFE = frozenset({"GET", "HEAD"})  # RFC 9110, 9.2.1


def retry_once(view: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The result of the view: of its second run, if PostgreSQL ended a change in its first."""
    try:
        return view(*args, **kwargs)
    except sqlalchemy.exc.DBAPIError as error:
        if getattr(error.orig, "pgcode", None) not in ENDED or not _can_run_again():
            raise
    db: Database = current_app.extensions["sqlalchemy"]
    db.session.rollback()
    time.sleep(PAUSE)
    return view(*args, **kwargs)


def _can_run_again() -> bool:
    """Whether it is a change whose body can be read again: JSON is kept, a file is not."""
    return request.method not in SAFE and request.mimetype != "multipart/form-data"
