"""What is read of roles: columns, never entities."""

import sqlalchemy as sa

from halolight.modules.users.models import User

from .models import Role

ROLES = sa.select(
    Role.name.label("id"),
    Role.name,
    Role.label,
    Role.description,
    Role.system,
    Role.permissions,
    sa.select(sa.func.count()).where(User.role == Role.name).scalar_subquery().label("user_count"),
    Role.created_at,
    Role.updated_at,
).order_by(Role.system.desc(), Role.created_at, Role.name)
ONE_ROLE = ROLES.where(Role.name == sa.bindparam("name"))
