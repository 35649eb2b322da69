"""Writing an account whose names nobody else has."""

import sqlalchemy as sa

from halolight.core.errors import Conflict
from halolight.core.i18n import _
from halolight.extensions import db

from .models import User

TAKEN = {
    "email": _("This email address is already in use.", code="taken"),
    "username": _("This username is already taken.", code="taken"),
}


def write_unique(user: User) -> None:
    """Write, and say which field is taken. The database decides, so races cannot slip in."""
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except sa.exc.IntegrityError as error:
        # The first line names the constraint or the column, the others repeat what was sent.
        reason = str(error.orig).partition("\n")[0]
        field = next((field for field in TAKEN if field in reason), None)
        if field is None:
            raise
        raise taken(field) from None


def check_free(**names: str) -> None:
    """Refuse (409) an `email` or `username` that an account has, before anything is written."""
    for field, value in names.items():
        if db.session.scalar(sa.select(User.id).filter_by(**{field: value})) is not None:
            raise taken(field)


def taken(field: str) -> Conflict:
    return Conflict(TAKEN[field], field=field)
