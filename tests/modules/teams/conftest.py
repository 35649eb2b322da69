"""A team with somebody in each part."""

import dataclasses as dc
from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.roles.holders import client_holding


@dc.dataclass
class Crew:
    """A team, and people by what they are in it; the outsider is in none."""

    path: str
    owner: ApiClient
    admin: ApiClient
    member: ApiClient
    outsider: ApiClient

    def as_(self, who: str) -> ApiClient:
        client: ApiClient = getattr(self, who)
        return client

    def seat(self, who: str) -> str:
        """The path of somebody's membership."""
        return f"{self.path}/members/{self.as_(who).user_id}"

    def roles(self) -> dict[int, str]:
        """What everybody is in the team now, by their id."""
        return roles(self.owner.get(self.path))


def roles(team: dict[str, Any]) -> dict[int, str]:
    return {member["user"]["id"]: member["role"] for member in team["members"]}


@pytest.fixture
def crew(make: Factory) -> Crew:
    owner = client_holding(make, "teams:view", "teams:create")
    admin, member, outsider = make.client(), make.client(), make.client()
    sent = {"name": "Crew", "memberIds": [admin.user_id, member.user_id]}
    path = f"/api/teams/{owner.post('/api/teams', json=sent)['id']}"
    owner.put(f"{path}/members/{admin.user_id}", json={"role": "admin"})
    return Crew(path, owner, admin, member, outsider)
