"""Clients who may do exactly what a test says."""

from itertools import count

from halolight.extensions import db
from halolight.modules.roles.models import Role
from tests.api_client import ApiClient
from tests.factories import Factory

_numbers = count(1)


def client_holding(make: Factory, *permissions: str) -> ApiClient:
    """A client signed in as a new user, whose role of their own grants these permissions."""
    name = f"holder{next(_numbers)}"
    with make.app.app_context():
        db.session.add(Role(name=name, label=name.title(), permissions=list(permissions)))
        db.session.commit()
    return make.client(name)
