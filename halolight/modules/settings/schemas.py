"""What comes in and goes out of the endpoints of settings."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import Choice

from .models import NAVIGATIONS, THEMES


class SettingsSchema(Schema):
    theme = ma.fields.String(
        required=True,
        metadata={"description": "`system` follows the device.", "enum": list(THEMES)},
    )
    navigation = ma.fields.String(
        required=True,
        metadata={"enum": list(NAVIGATIONS), "description": "Where the menu is."},
    )
    show_footer = ma.fields.Boolean(
        required=True, metadata={"description": "Whether the front end shows its footer."}
    )
    enable_tab_bar = ma.fields.Boolean(
        required=True, metadata={"description": "Whether the front end shows open pages as tabs."}
    )


class SettingsUpdate(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"theme": "dark"}

    theme = Choice(*THEMES, metadata={"description": "`system` follows the device."})
    navigation = Choice(*NAVIGATIONS, metadata={"description": "Where the menu is."})
    show_footer = ma.fields.Boolean(
        metadata={"description": "Whether the front end shows its footer."}
    )
    enable_tab_bar = ma.fields.Boolean(
        metadata={"description": "Whether the front end shows open pages as tabs."}
    )
