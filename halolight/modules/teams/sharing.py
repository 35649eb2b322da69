"""Sharing with users and teams: what documents, files and events have in common."""

import dataclasses as dc
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.db.base import Model
from halolight.core.db.paging import Condition, Statement
from halolight.core.db.reads import Row
from halolight.core.db.resource import Resource
from halolight.core.errors import Forbidden, Invalid
from halolight.core.i18n import Listed, Message, _
from halolight.extensions import db, live
from halolight.modules.audit import trail
from halolight.modules.notifications.sending import notify
from halolight.modules.users.service import check_active

from .models import Team, TeamMember
from .queries import TEAMS
from .shares import Shares


class Shared(NamedTuple):
    """Whether sharing changed anything, and the ids of the people who gained something by it."""

    changed: bool
    gained: set[int]


@dc.dataclass(frozen=True)
class Sharing:
    """The shares of one kind of object: listing, creating and deleting them.

    The object has to be locked, and the caller commits.
    """

    resource: Resource[Any]
    shares: Shares
    statement: Statement  # `Shares.of_one`

    def list(self, user: CurrentUser, thing_id: int) -> Sequence[Row]:
        """The shares of an object, for users who may share it (404 and 403)."""
        rows = self.resource.rows(user, self.statement, thing_id)
        if not self.resource.owns(user, rows[0].owner_id):
            raise Forbidden(self.resource.read_only)
        return [row for row in rows if row.id is not None]

    def make(
        self,
        user: CurrentUser,
        thing: Any,
        user_ids: Collection[int],
        team_ids: Collection[int],
        terms: Mapping[str, object],
        more: bool = False,
        **details: trail.Values,
    ) -> Shared:
        """Share it with these users and teams. A share that exists already gets the new terms.

        Records it, with `details`, if that changes anything or the caller has changed `more`.
        """
        check_recipients(user, user_ids, team_ids)
        owner_id = getattr(thing, self.resource.owner.key)
        others = [i for i in user_ids if i != owner_id]
        shares = self._named(thing, others, team_ids)
        gaining = [each for each in shares if _gains(each, terms)]
        changed = more or any(getattr(s, name) != terms[name] for s in shares for name in terms)
        for each in shares:
            each.assign(terms)
        if changed or gaining:
            with_whom = {"shared_with_users": (None, others), "shared_with_teams": (None, team_ids)}
            trail.record(user, f"{self.resource.permission}.share", thing, **with_whom, **details)
        people = people_among(
            [each.user_id for each in gaining if each.user_id],
            [each.team_id for each in gaining if each.team_id],
        )
        gained = people - {owner_id}
        self._tell(gained, thing, "share")
        return Shared(changed or bool(gaining), gained)

    def _named(
        self, thing: Any, user_ids: Collection[int], team_ids: Collection[int]
    ) -> Sequence[Any]:
        """The shares of it with these users and teams; those that are missing are new ones."""
        model, of_thing = self.shares.model, {self.shares.thing_id.key: thing.id}
        existing = db.session.scalars(sa.select(model).filter_by(**of_thing)).all()
        by_user = {each.user_id: each for each in existing if each.user_id}
        by_team = {each.team_id: each for each in existing if each.team_id}
        shares = [by_user.get(i) or model(**of_thing, user_id=i) for i in user_ids]
        shares += [by_team.get(i) or model(**of_thing, team_id=i) for i in team_ids]
        db.session.add_all(shares)
        return shares

    def end(self, thing: Any, *which: Condition) -> Sequence[Any]:
        """End these shares of it; returns those that there were, for `record_end`."""
        ending = sa.delete(self.shares.model).where(self.shares.thing_id == thing.id, *which)
        return db.session.scalars(ending.returning(self.shares.model)).all()

    def record_end(
        self, user: CurrentUser, thing: Model, ended: Sequence[Any], **details: trail.Values
    ) -> None:
        users = sorted(share.user_id for share in ended if share.user_id)
        teams = sorted(share.team_id for share in ended if share.team_id)
        with_whom = {"shared_with_users": (users, None), "shared_with_teams": (teams, None)}
        trail.record(user, f"{self.resource.permission}.unshare", thing, **with_whom, **details)
        self._tell(people_among(users, teams), thing, "unshare")

    def _tell(self, people: Collection[int], thing: Any, action: str) -> None:
        resource = f"{self.resource.permission}"
        live.tell(people, "share", id=thing.id, resource=resource, action=action)


def _gains(share: Any, terms: Mapping[str, object]) -> bool:
    """Whether these terms let somebody do what they could not: it is a new share or was over, or
    allows something else. A longer time alone is nothing to notify anybody of.
    """
    over = share.expires_at is not None and share.expires_at <= utcnow()
    other = any(getattr(share, name) != terms[name] for name in terms if name != "expires_at")
    return share.id is None or over or other


def check_recipients(
    user: CurrentUser, user_ids: Collection[int], team_ids: Collection[int]
) -> None:
    """Refuse (400, naming the field) whom one cannot share with.

    You can share with active users, with your teams, and with any team if you manage teams.
    """
    check_active(user_ids, "userIds")
    check_teams(user, team_ids)


def check_teams(user: CurrentUser, team_ids: Collection[int]) -> None:
    known = sa.select(Team.id).where(Team.id.in_(team_ids), TEAMS.seen_by(user))
    if missing := set(team_ids) - set(db.session.scalars(known, TEAMS.params(user))):
        raise Invalid(
            _("There are no such teams: {ids}.", code="not_found", ids=Listed(sorted(missing))),
            field="teamIds",
        )


def people_among(user_ids: Collection[int], team_ids: Collection[int]) -> set[int]:
    """The ids of these users and of the members of these teams."""
    members = sa.select(TeamMember.user_id).where(TeamMember.team_id.in_(team_ids))
    return {*user_ids, *(db.session.scalars(members) if team_ids else ())}


def tell_of_share(
    user: CurrentUser, people: Collection[int], title: Message, name: str, link: str
) -> None:
    """Tell people that the user has shared something of this name with them."""
    notify(
        people,
        kind="user",
        title=title,
        content=_("{name} shared “{thing}” with you.", name=user.name, thing=name),
        link=link,
        sender_id=user.id,
    )
