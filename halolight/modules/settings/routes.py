"""The settings of the signed-in user."""

from typing import Any

from halolight.core.access import current_user
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _

from . import service
from .schemas import SettingsSchema, SettingsUpdate

blp = Blueprint(
    "settings", __name__, url_prefix="/api/settings", description="The look of the front end"
)


@blp.get("")
@blp.authenticated
@blp.response(200, SettingsSchema)
def get_settings() -> Any:
    """Get your settings

    The defaults until you change them.
    """
    return service.get_settings(current_user())


@blp.put_or_patch("")
@blp.authenticated
@blp.arguments(SettingsUpdate)
@blp.response(200, SettingsSchema, message=_("Settings updated"))
def update_settings(changes: dict[str, Any]) -> Any:
    """Update your settings

    Changes only the fields in the body.
    """
    return service.update_settings(current_user(), changes)
