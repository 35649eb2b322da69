"""The statements that read users."""

import dataclasses as dc

import sqlalchemy as sa

from halolight.core.db.listing import Listing, Search
from halolight.core.db.paging import Condition
from halolight.core.db.resource import Resource
from halolight.core.i18n import _
from halolight.core.search.listing import indexed_search
from halolight.core.search.matching import NAMED
from halolight.extensions import db
from halolight.modules.roles.models import Role

from .models import User

USER = sa.select(
    User.id,
    User.email,
    User.username,
    User.name,
    User.avatar,
    User.phone,
    User.department,
    User.position,
    User.bio,
    User.role,
    Role.label.label("role_label"),
    User.status,
    User.email_verified_at.is_not(None).label("email_verified"),
    User.pending_email,
    User.last_login_at,
    User.created_at,
    User.updated_at,
).join(Role, Role.name == User.role)

ONE_USER = USER.where(User.id == sa.bindparam("id"))
ACCOUNTS = sa.select(User.id, User.email, User.role, User.status).order_by(User.id)
ME = USER.add_columns(Role.permissions).where(User.id == sa.bindparam("id"))

USERS = Resource(db, User, _("User"), _("users"))
_FILTERS: dict[str, Condition | Search] = {
    "search": indexed_search(User, User.name, User.username, User.email),
    "status": User.status == sa.bindparam("status"),
    "role": User.role == sa.bindparam("role"),
}
USER_LISTING = Listing(db, User, USER, _FILTERS)
GRANTED_LISTING = Listing(db, User, USER.add_columns(Role.permissions), _FILTERS)
UNGRANTED_LISTING = Listing(  # the same for users who do not see what roles grant
    db,
    User,
    USER.add_columns(sa.literal_column("NULL", sa.String).label("permissions")),
    _FILTERS,
)

_NAMED = indexed_search(User, User.name, User.username, place=NAMED)
_IS_ADDRESS = User.email == sa.bindparam("email")
DIRECTORY = Listing(
    db,
    User,
    sa.select(User.id, User.name, User.avatar),
    {
        # A mail address has to be known whole: it is not to be found out letter by letter.
        "search": dc.replace(
            _NAMED,
            literal=sa.or_(_NAMED.literal, _IS_ADDRESS),
            indexed=sa.or_(_NAMED.indexed, _IS_ADDRESS),
        )
    },
)
ACTIVE = User.status == "ACTIVE"
