"""A role for the tests of the whole API."""

from typing import Any

from halolight.extensions import db
from halolight.modules.roles.models import Role


def add(_known: dict[str, Any]) -> dict[str, Any]:
    role = Role(name="clerks", label="Clerks", permissions=["documents:view"])
    db.session.add(role)
    db.session.flush()
    return {"name": role.name}
