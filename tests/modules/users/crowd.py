"""Thousands of users, and how their list is read."""

from typing import Any

from halolight.modules.users.models import User

MODEL = User
PATH = "/api/users"
INDEX = "ix_users_created_at_id"
QUERIES = (
    "sortBy=name",
    "sortBy=username",
    "sortBy=email",
    "status=ACTIVE",
    "role=user",
    "sortOrder=asc",
)


def row(number: int, reader_id: int, other_id: int) -> dict[str, Any]:
    return {
        "email": f"person{number}@example.com",
        "username": f"person{number}",
        "name": f"Person {number}",
        "hashed_password": "!",
    }
