"""What can be done with teams, and by whom: their owner and admins manage them."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.db.listing import Page
from halolight.core.errors import Conflict, Forbidden, NotFound
from halolight.core.i18n import _
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.notifications.sending import notify
from halolight.modules.users.service import check_active

from . import queries
from .models import MANAGERS, Team, TeamMember
from .queries import TEAMS

KEEP_AN_OWNER = _("A team needs an owner. Make another member the owner first.")


def list_teams(user: CurrentUser, query: Mapping[str, Any]) -> Page:
    return TEAMS.page(user, queries.TEAM_LISTING, query)


def get_team(user: CurrentUser, team_id: int) -> SimpleNamespace:
    """A team with its members, the first of whom joined first.

    Mail addresses only for those who see them in the list of users, too.
    """
    addresses = user.can("users:view")
    statement = queries.TEAM_WITH_ADDRESSES if addresses else queries.TEAM_WITH_MEMBERS
    rows = TEAMS.rows(user, statement, team_id)
    members = [row for row in rows if row.user_id is not None]
    return SimpleNamespace(**rows[0]._asdict(), members=members)


def create_team(user: CurrentUser, data: dict[str, Any]) -> SimpleNamespace:
    """Make a team. The signed-in user becomes its owner."""
    member_ids = set(data.pop("member_ids")) - {user.id}
    check_active(member_ids, "memberIds")
    team = Team(**data)
    db.session.add(team)
    db.session.flush()
    db.session.add(TeamMember(team_id=team.id, user_id=user.id, role="owner"))
    db.session.add_all(TeamMember(team_id=team.id, user_id=member) for member in member_ids)
    trail.record(user, "teams.create", team, members=(None, sorted(member_ids | {user.id})))
    _tell_members(user, team, member_ids)
    db.session.commit()
    return get_team(user, team.id)


def update_team(user: CurrentUser, team_id: int, changes: Mapping[str, Any]) -> SimpleNamespace:
    team, _ = _lock_managed(user, team_id)
    team.assign(changes)
    trail.record(user, "teams.update", team)
    db.session.commit()
    return get_team(user, team_id)


def delete_team(user: CurrentUser, team_id: int) -> None:
    """Delete a team, with everything that was shared with it no longer shared."""
    team, own_role = _lock_visible(user, team_id)
    if own_role != "owner" and not TEAMS.manages(user):
        raise Forbidden(_("Only the owner of a team can delete it."))
    trail.record(user, "teams.delete", team)
    db.session.delete(team)
    db.session.commit()


def add_member(user: CurrentUser, team_id: int, user_id: int, role: str) -> SimpleNamespace:
    """Add a user to a team; a new owner replaces the former one, who becomes an admin."""
    team, own_role = _lock_managed(user, team_id)
    check_active({user_id}, "userId")
    if db.session.get(TeamMember, (team_id, user_id)):
        raise Conflict(_("This user is already a member.", code="taken"), field="userId")
    unseen = _make_room_for_owner(user, team_id, own_role) if role == "owner" else {}
    db.session.add(TeamMember(team_id=team_id, user_id=user_id, role=role))
    trail.record(user, "teams.add-member", team, member=(None, _seat(user_id, role)), **unseen)
    _tell_members(user, team, [user_id])
    db.session.commit()
    return get_team(user, team_id)


def set_member_role(user: CurrentUser, team_id: int, user_id: int, role: str) -> SimpleNamespace:
    """Change what a member is. A new owner takes the place of the old, who becomes an admin."""
    team, own_role = _lock_managed(user, team_id)
    member = _get_member(team_id, user_id)
    if role != member.role:
        if member.role == "owner":
            _check_may_pass_on(user, own_role)
            raise Conflict(KEEP_AN_OWNER)
        unseen = _make_room_for_owner(user, team_id, own_role) if role == "owner" else {}
        seats = (_seat(user_id, member.role), _seat(user_id, role))
        trail.record(user, "teams.update-member", team, member=seats, **unseen)
        member.role = role
    db.session.commit()
    return get_team(user, team_id)


def remove_member(user: CurrentUser, team_id: int, user_id: int) -> None:
    """Remove a member from a team, or leave it."""
    lock = _lock_visible if user_id == user.id else _lock_managed
    team, _ = lock(user, team_id)
    member = _get_member(team_id, user_id)
    if member.role == "owner":
        raise Conflict(KEEP_AN_OWNER)
    trail.record(user, "teams.remove-member", team, member=(_seat(user_id, member.role), None))
    db.session.delete(member)
    db.session.commit()


def _seat(user_id: int, role: str) -> dict[str, Any]:
    """Who is what in a team, as the audit trail has it."""
    return {"userId": user_id, "role": role}


def _tell_members(user: CurrentUser, team: Team, user_ids: Iterable[int]) -> None:
    notify(
        user_ids,
        kind="user",
        title=_("You were added to a team"),
        content=_("{name} added you to “{team}”.", name=user.name, team=team.name),
        link=f"/teams/{team.id}",
        sender_id=user.id,
    )


def _lock_visible(user: CurrentUser, team_id: int) -> tuple[Team, str | None]:
    """The team, locked, and what the user is in it."""
    [team] = TEAMS.lock(user, [team_id], to="view")
    own_role = sa.select(TeamMember.role).filter_by(team_id=team_id, user_id=user.id)
    return team, db.session.scalar(own_role)


def _lock_managed(user: CurrentUser, team_id: int) -> tuple[Team, str | None]:
    """As `_lock_visible`, for what its owner and admins and who manages all teams may do."""
    team, own_role = _lock_visible(user, team_id)
    if own_role not in MANAGERS and not TEAMS.manages(user):
        raise Forbidden(_("Only the owner and the administrators of a team can manage it."))
    return team, own_role


def _check_may_pass_on(user: CurrentUser, own_role: str | None) -> None:
    if own_role != "owner" and not TEAMS.manages(user):
        raise Forbidden(_("Only the owner of a team can make another member the owner."))


def _make_room_for_owner(
    user: CurrentUser, team_id: int, own_role: str | None
) -> dict[str, trail.Values]:
    """Make the owner an admin, before another member becomes owner; return the change."""
    _check_may_pass_on(user, own_role)
    owner = db.session.scalar(sa.select(TeamMember).filter_by(team_id=team_id, role="owner"))
    if owner is None:
        return {}
    owner.role = "admin"
    return {"former_owner": (_seat(owner.user_id, "owner"), _seat(owner.user_id, "admin"))}


def _get_member(team_id: int, user_id: int) -> TeamMember:
    member = db.session.get(TeamMember, (team_id, user_id))
    if member is None:
        raise NotFound(_("Member not found."))
    return member
