"""What is read of roles: columns, never entities."""

import sqlalchemy as sa

from .models import Role

# By name, because the users' module is above this one: their role is a foreign key to this table.
USERS = sa.table("users", sa.column("id"), sa.column("role"))
HOLDER_COUNT = sa.select(sa.func.count()).select_from(USERS)

ROLES = sa.select(
    Role.name.label("id"),
    Role.name,
    Role.label,
    Role.description,
    Role.system,
    Role.permissions,
    HOLDER_COUNT.where(USERS.c.role == Role.name).scalar_subquery().label("user_count"),
    Role.created_at,
    Role.updated_at,
).order_by(Role.system.desc(), Role.created_at, Role.name)
ONE_ROLE = ROLES.where(Role.name == sa.bindparam("name"))
