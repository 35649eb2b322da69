"""Members of teams: adding, promoting, passing on, removing, leaving."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.roles.holders import client_holding

from .conftest import Crew, roles


class TestAddMember:
    @pytest.mark.parametrize("who", ["owner", "admin"])
    def test_its_owner_and_admins_add_members(self, crew: Crew, make: Factory, who: str) -> None:
        new = make.client()

        team = crew.as_(who).post(f"{crew.path}/members", json={"userId": new.user_id})

        assert (roles(team)[new.user_id], team["memberCount"]) == ("member", 4)
        assert new.get(crew.path) == team

    @pytest.mark.parametrize("role", ["admin", "member", "Admin", "MEMBER"])
    def test_adds_them_as_what_is_said_in_any_case(
        self, crew: Crew, make: Factory, role: str
    ) -> None:
        new = make.user()

        team = crew.owner.post(f"{crew.path}/members", json={"userId": new.id, "role": role})

        assert roles(team)[new.id] == role.lower()

    @pytest.mark.parametrize("permission", ["teams:manage", "teams:*", "*"])
    def test_who_manages_teams_adds_members_to_any(
        self, crew: Crew, make: Factory, permission: str
    ) -> None:
        manager = client_holding(make, "teams:view", permission)

        team = manager.post(f"{crew.path}/members", json={"userId": manager.user_id})

        assert roles(team)[manager.user_id] == "member"

    def test_a_new_owner_takes_the_place_of_the_old(self, crew: Crew, make: Factory) -> None:
        newcomer = make.user().id

        crew.owner.post(f"{crew.path}/members", json={"userId": newcomer, "role": "owner"})

        assert crew.roles()[newcomer] == "owner"
        assert crew.roles()[crew.owner.user_id] == "admin"

    def test_only_the_owner_adds_another(self, crew: Crew, make: Factory) -> None:
        sent = {"userId": make.user().id, "role": "owner"}

        crew.admin.post(f"{crew.path}/members", json=sent, status=403)

        assert len(crew.roles()) == 3

    def test_nobody_is_added_twice(self, crew: Crew) -> None:
        sent = {"userId": crew.admin.user_id, "role": "member"}

        error = crew.owner.post(f"{crew.path}/members", json=sent, status=409)

        assert [detail["field"] for detail in error["details"]] == ["userId"]
        assert crew.roles()[crew.admin.user_id] == "admin"

    @each("status", ["INACTIVE", "SUSPENDED", None])
    def test_refuses_users_whom_there_are_not(
        self, crew: Crew, make: Factory, status: str | None
    ) -> None:
        nobody = make.user(status=status).id if status else 999999

        error = crew.owner.post(f"{crew.path}/members", json={"userId": nobody}, status=400)

        assert [detail["field"] for detail in error["details"]] == ["userId"]

    @pytest.mark.database("sqlite")
    @each(
        ("sent", "field"),
        [
            ({}, "userId"),
            ({"userId": None}, "userId"),
            ({"userId": "x"}, "userId"),
            ({"userId": 0}, "userId"),
            ({"userId": 1, "role": "captain"}, "role"),
            ({"userId": 1, "role": None}, "role"),
        ],
    )
    def test_refuses_bad_input(self, crew: Crew, sent: dict[str, Any], field: str) -> None:
        error = crew.owner.post(f"{crew.path}/members", json=sent, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]

    @pytest.mark.parametrize(("who", "status"), [("member", 403), ("outsider", 404)])
    def test_others_do_not(self, crew: Crew, who: str, status: int) -> None:
        sent = {"userId": crew.outsider.user_id}

        crew.as_(who).post(f"{crew.path}/members", json=sent, status=status)

        assert len(crew.roles()) == 3


class TestChangeRole:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    @pytest.mark.parametrize("who", ["owner", "admin"])
    def test_its_owner_and_admins_promote_members(self, crew: Crew, who: str, method: str) -> None:
        team = crew.as_(who).call(method, crew.seat("member"), 200, json={"role": "Admin"})

        assert roles(team) == crew.roles()
        assert roles(team)[crew.member.user_id] == "admin"

    def test_a_promoted_member_manages_at_once(self, crew: Crew) -> None:
        crew.owner.put(crew.seat("member"), json={"role": "admin"})

        team = crew.member.put(crew.path, json={"name": "Sailors"})

        assert team["name"] == "Sailors"

    def test_a_demoted_admin_manages_no_more(self, crew: Crew) -> None:
        crew.owner.put(crew.seat("admin"), json={"role": "member"})

        crew.admin.put(crew.path, json={"name": "Sailors"}, status=403)

    @pytest.mark.database("sqlite")
    @each("sent", [{}, {"role": "captain"}, {"role": None}, {"role": 1}])
    def test_refuses_bad_input(self, crew: Crew, sent: dict[str, Any]) -> None:
        error = crew.owner.put(crew.seat("member"), json=sent, status=400)

        assert [detail["field"] for detail in error["details"]] == ["role"]

    @pytest.mark.parametrize("role", ["member", "owner"])
    def test_is_404_for_who_is_no_member(self, crew: Crew, role: str) -> None:
        crew.owner.put(crew.seat("outsider"), json={"role": role}, status=404)

        assert crew.roles()[crew.owner.user_id] == "owner"

    @each(("who", "status"), [("member", 403), ("outsider", 404)])
    @each("role", ["admin", "owner"])
    def test_others_do_not(self, crew: Crew, who: str, status: int, role: str) -> None:
        before = crew.roles()

        crew.as_(who).put(crew.seat("member"), json={"role": role}, status=status)

        assert crew.roles() == before


class TestPassingOn:
    @pytest.mark.parametrize("heir", ["admin", "member"])
    def test_the_owner_makes_somebody_else_the_owner(self, crew: Crew, heir: str) -> None:
        team = crew.owner.put(crew.seat(heir), json={"role": "owner"})

        assert team["owner"]["id"] == crew.as_(heir).user_id
        assert roles(team)[crew.as_(heir).user_id] == "owner"
        assert roles(team)[crew.owner.user_id] == "admin"
        assert list(roles(team).values()).count("owner") == 1
        assert team["memberCount"] == 3

    def test_the_new_owner_deletes_the_team_and_the_old_does_not(self, crew: Crew) -> None:
        crew.owner.put(crew.seat("member"), json={"role": "owner"})

        crew.owner.delete(crew.path, status=403)
        crew.member.delete(crew.path)

    def test_to_oneself_changes_nothing(self, crew: Crew) -> None:
        before = crew.roles()

        team = crew.owner.put(crew.seat("owner"), json={"role": "owner"})

        assert roles(team) == before

    @pytest.mark.parametrize("permission", ["teams:manage", "teams:*", "*"])
    def test_who_manages_teams_passes_on_any(
        self, crew: Crew, make: Factory, permission: str
    ) -> None:
        manager = client_holding(make, "teams:view", permission)

        team = manager.put(crew.seat("member"), json={"role": "owner"})

        assert team["owner"]["id"] == crew.member.user_id

    def test_a_team_that_lost_its_owner_gets_another(
        self, crew: Crew, super_admin: ApiClient
    ) -> None:
        super_admin.delete(f"/api/users/{crew.owner.user_id}")

        team = super_admin.put(crew.seat("member"), json={"role": "owner"})

        assert team["owner"]["id"] == crew.member.user_id

    @pytest.mark.parametrize("heir", ["admin", "member"])
    def test_an_admin_does_not(self, crew: Crew, heir: str) -> None:
        crew.admin.put(crew.seat(heir), json={"role": "owner"}, status=403)

        assert crew.roles()[crew.owner.user_id] == "owner"

    @each(("who", "status"), [("owner", 409), ("admin", 403)])
    @each("role", ["admin", "member"])
    def test_the_owner_is_not_demoted(self, crew: Crew, who: str, status: int, role: str) -> None:
        crew.as_(who).put(crew.seat("owner"), json={"role": role}, status=status)

        assert crew.roles()[crew.owner.user_id] == "owner"


class TestRemoveMember:
    @pytest.mark.parametrize("who", ["owner", "admin"])
    def test_its_owner_and_admins_remove_members(self, crew: Crew, who: str) -> None:
        answer = crew.as_(who).delete(crew.seat("member"))

        assert answer is None
        assert crew.member.user_id not in crew.roles()
        crew.member.get(crew.path, status=404)

    @pytest.mark.parametrize("permission", ["teams:manage", "teams:*", "*"])
    def test_who_manages_teams_removes_members_of_any(
        self, crew: Crew, make: Factory, permission: str
    ) -> None:
        client_holding(make, "teams:view", permission).delete(crew.seat("member"))

        assert crew.member.user_id not in crew.roles()

    @pytest.mark.parametrize("who", ["admin", "member"])
    def test_everybody_leaves_when_they_like(self, crew: Crew, who: str) -> None:
        crew.as_(who).delete(crew.seat(who))

        crew.as_(who).get(crew.path, status=404)
        assert crew.owner.get(crew.path)["memberCount"] == 2

    @pytest.mark.parametrize("who", ["owner", "admin"])
    def test_the_owner_neither_leaves_nor_is_removed(self, crew: Crew, who: str) -> None:
        error = crew.as_(who).delete(crew.seat("owner"), status=409)

        assert error["code"] == "CONFLICT"
        assert crew.roles()[crew.owner.user_id] == "owner"

    def test_who_was_the_owner_may_leave(self, crew: Crew) -> None:
        crew.owner.put(crew.seat("admin"), json={"role": "owner"})

        crew.owner.delete(crew.seat("owner"))

        crew.owner.get(crew.path, status=404)

    def test_is_404_for_who_is_no_member(self, crew: Crew) -> None:
        crew.owner.delete(crew.seat("outsider"), status=404)

    @each(
        ("who", "whom", "status"),
        [
            *(("member", "admin", 403), ("member", "owner", 403)),
            *(("outsider", "member", 404), ("outsider", "outsider", 404)),
        ],
    )
    def test_others_do_not(self, crew: Crew, who: str, whom: str, status: int) -> None:
        crew.as_(who).delete(crew.seat(whom), status=status)

        assert len(crew.roles()) == 3
