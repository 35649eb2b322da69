"""What can be done with settings: users read and change their own."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.errors import Unauthorized
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.users.models import User

from .models import Settings
from .queries import DEFAULTS, SETTINGS


def get_settings(user: CurrentUser) -> Any:
    """The settings of the user, as a row or as the dict of the defaults."""
    return db.row(SETTINGS, caller=user.id) or DEFAULTS


def update_settings(user: CurrentUser, changes: Mapping[str, Any]) -> Any:
    """Change the given settings. The first change also stores the defaults of the others."""
    if changes:
        _lock_owner(user)
        settings = db.session.get(Settings, user.id)
        if settings is None:
            settings = Settings(user_id=user.id)
            db.session.add(settings)
        settings.assign(changes)
        trail.record(user, "settings.update", settings)
        db.session.commit()
    return get_settings(user)


def _lock_owner(user: CurrentUser) -> None:
    """Let one request of the user store settings at a time: there may be no row to lock yet."""
    owner = sa.select(User.id).filter_by(id=user.id).with_for_update(key_share=True)
    if db.session.scalar(owner) is None:
        raise Unauthorized
