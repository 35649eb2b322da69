"""The table of settings."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.db.base import Model, choices

THEMES = ("light", "dark", "system")
NAVIGATIONS = ("side", "top")


class Settings(Model):
    """The settings that a user has changed once. Everybody else has the defaults."""

    __tablename__ = "settings"
    __table_args__ = (choices("theme", *THEMES), choices("navigation", *NAVIGATIONS))

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    theme: Mapped[str] = mapped_column(sa.String(10), default="system")
    navigation: Mapped[str] = mapped_column(sa.String(10), default="side")
    show_footer: Mapped[bool] = mapped_column(default=True)
    enable_tab_bar: Mapped[bool] = mapped_column(default=True)
