"""The system roles, which every installation has."""

import sqlalchemy as sa

from halolight.extensions import db

from .models import Role
from .system import system_roles


def seed_roles() -> int:
    """Add the system roles that are missing; one that was edited stays as it is."""
    known = set(db.session.scalars(sa.select(Role.name)))
    missing = [role for role in system_roles() if role.name not in known]
    db.session.add_all(missing)
    db.session.flush()
    return len(missing)
