"""What comes in and goes out of the endpoints of settings."""

import marshmallow as ma

from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import Choice

from .models import NAVIGATIONS, THEMES


class SettingsSchema(Schema):
    theme = ma.fields.String(required=True, metadata={"enum": list(THEMES)})
    navigation = ma.fields.String(
        required=True,
        metadata={"enum": list(NAVIGATIONS), "description": "Where the menu is."},
    )
    show_footer = ma.fields.Boolean(required=True)
    enable_tab_bar = ma.fields.Boolean(required=True)


class SettingsUpdate(Schema):
    theme = Choice(*THEMES)
    navigation = Choice(*NAVIGATIONS)
    show_footer = ma.fields.Boolean()
    enable_tab_bar = ma.fields.Boolean()
