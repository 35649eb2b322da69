"""Permissions: the list of all, and which the caller holds."""

from typing import Any

from halolight.core import permissions
from halolight.core.access import current_user
from halolight.core.http.api import Blueprint

from .schemas import CheckInput, ChecksSchema, PermissionSchema

blp = Blueprint("permissions", __name__, url_prefix="/api/permissions", description="Permissions")


@blp.get("")
@blp.require("permissions:view")
@blp.response(200, PermissionSchema(many=True))
def list_permissions() -> list[dict[str, Any]]:
    """List permissions

    Every permission that an endpoint requires.
    """
    return [permissions.describe(key) for key in sorted(permissions.KNOWN)]


@blp.post("/check")
@blp.authenticated
@blp.arguments(CheckInput)
@blp.response(200, ChecksSchema)
def check_permissions(data: dict[str, Any]) -> dict[str, bool]:
    """Check which of these permissions you have

    The value of an unknown permission is `false`.
    """
    return {text: _holds(text) for text in data["permissions"]}


def _holds(text: str) -> bool:
    try:
        return current_user().can(permissions.normalise(text))
    except ValueError:
        return False
