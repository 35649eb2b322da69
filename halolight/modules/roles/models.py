"""The table of roles."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.db.base import Model, Timestamped


class Role(Timestamped, Model):
    """A named set of permissions. Its name is its id, and what `users.role` holds."""

    __tablename__ = "roles"

    name: Mapped[str] = mapped_column(sa.String(50), primary_key=True)
    label: Mapped[str] = mapped_column(sa.String(100))
    description: Mapped[str | None] = mapped_column(sa.String(500))
    system: Mapped[bool] = mapped_column(default=False)
    # A list, read as a whole with every request and never searched: no table of its own.
    permissions: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
