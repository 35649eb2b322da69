"""What is read of settings."""

import sqlalchemy as sa

from halolight.core.db.resource import CALLER

from .models import Settings

_NAMES = ("theme", "navigation", "show_footer", "enable_tab_bar")
_COLUMNS = Settings.__table__.c

SETTINGS = sa.select(*(_COLUMNS[name] for name in _NAMES)).where(Settings.user_id == CALLER)
DEFAULTS = {name: _COLUMNS[name].default.arg for name in _NAMES}
