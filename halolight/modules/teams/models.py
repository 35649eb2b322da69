"""The tables of teams and their members."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.base import Identified, Model, Timestamped, choices
from halolight.core.db.folding import folded, folded_text
from halolight.core.search.column import searched

ROLES = ("owner", "admin", "member")
MANAGERS = ("owner", "admin")


class Team(Identified, Timestamped, Model):
    __tablename__ = "teams"
    __table_args__ = (sa.Index(None, "created_at", "id"), sa.Index(None, "name_key", "id"))

    name: Mapped[str] = mapped_column(sa.String(100))
    name_key: Mapped[str] = folded("name", 200)
    description: Mapped[str | None] = mapped_column(sa.String(1000))
    description_key: Mapped[str | None] = folded_text("description")
    avatar: Mapped[str | None] = mapped_column(sa.String(500))
    search_key: Mapped[str | None] = searched(names=("name",), texts=("description",))


class TeamMember(Model):
    """The membership of a user in a team, with a role. A team has one owner."""

    __tablename__ = "team_members"
    __table_args__ = (choices("role", *ROLES), sa.Index(None, "user_id", "team_id"))

    team_id: Mapped[int] = mapped_column(
        sa.ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(sa.String(10), default="member")
    joined_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


def teams_of(user_id: sa.ColumnElement[int]) -> sa.Select[int]:
    """The ids of the teams that a user belongs to."""
    return sa.select(TeamMember.team_id).where(TeamMember.user_id == user_id)
