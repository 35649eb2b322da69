"""Teams: seeing, making, changing and deleting them."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.roles.holders import client_holding

from .conftest import Crew, roles

SUMMARY = [
    *("id", "name", "description", "avatar", "memberCount", "owner", "createdAt", "updatedAt"),
]

BAD_INPUT: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "name"),
    ({"name": ""}, "name"),
    ({"name": "  "}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"name": 5}, "name"),
    ({"description": "x" * 1001}, "description"),
    ({"avatar": "x" * 501}, "avatar"),
    ({"avatar": ["a"]}, "avatar"),
]


def names(page: dict[str, Any]) -> list[str]:
    return [team["name"] for team in page["items"]]


class TestListTeams:
    def test_shows_everything_but_the_members(self, crew: Crew) -> None:
        page = crew.member.get("/api/teams")

        [team] = page["items"]
        assert list(team) == SUMMARY
        assert (team["name"], team["memberCount"]) == ("Crew", 3)
        assert team["owner"]["id"] == crew.owner.user_id
        assert set(team["owner"]) == {"id", "name", "avatar"}
        assert (page["total"], page["page"], page["totalPages"]) == (1, 1, 1)

    def test_shows_ones_own_teams_only(self, crew: Crew) -> None:
        page = crew.outsider.get("/api/teams")

        assert (page["items"], page["total"]) == ([], 0)

    @each("permission", ["teams:manage", "teams:*", "*"])
    def test_shows_every_team_to_who_manages_them(
        self, crew: Crew, make: Factory, permission: str
    ) -> None:
        manager = client_holding(make, "teams:view", permission)

        page = manager.get("/api/teams")

        assert names(page) == ["Crew"]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            *(("zoë", ["Zoë's"]), ("ZOË", ["Zoë's"]), ("SAILS", ["Zoë's"])),
            *(("%", ["100%"]), ("_", []), ("nothing", []), ("all", [])),
        ],
    )
    @pytest.mark.parametrize("parameter", ["search", "keyword"])
    def test_finds_text_in_name_and_description(
        self, admin: ApiClient, text: str, found: list[str], parameter: str
    ) -> None:
        admin.post("/api/teams", json={"name": "Zoë's", "description": "Sails far"})
        admin.post("/api/teams", json={"name": "100%"})

        page = admin.get("/api/teams", query_string={parameter: text})

        assert names(page) == found
        assert page["total"] == len(found)

    @pytest.mark.parametrize(
        ("query", "order"),
        [
            ("", "acb"),
            ("sortOrder=asc", "bca"),
            ("sortBy=name", "cba"),
            ("sortBy=NAME&sortOrder=ASC", "abc"),
        ],
    )
    def test_sorts_by_age_or_name(self, admin: ApiClient, query: str, order: str) -> None:
        for name in "bca":
            admin.post("/api/teams", json={"name": name})

        page = admin.get(f"/api/teams?{query}")

        assert "".join(names(page)) == order

    def test_comes_in_pages_that_never_overlap(self, admin: ApiClient) -> None:
        for _ in range(5):
            admin.post("/api/teams", json={"name": "Same"})

        pages = [admin.get(f"/api/teams?sortBy=name&limit=2&page={n}") for n in (1, 2, 3, 4)]

        assert [len(page["items"]) for page in pages] == [2, 2, 1, 0]
        assert len({team["id"] for page in pages for team in page["items"]}) == 5
        assert {page["total"] for page in pages} == {5}

    @pytest.mark.database("sqlite")
    @each("query", ["page=0", "pageSize=101", "sortBy=owner", "sortOrder=up"])
    def test_refuses_what_is_out_of_range(self, admin: ApiClient, query: str) -> None:
        error = admin.get(f"/api/teams?{query}", status=400)

        assert [detail["field"] for detail in error["details"]] == [query.partition("=")[0]]

    def test_is_refused_without_the_permission(self, make: Factory) -> None:
        make.client("guest").get("/api/teams", status=403)


class TestGetTeam:
    @each("who", ["owner", "admin", "member"])
    def test_shows_the_team_with_its_members(self, crew: Crew, who: str) -> None:
        team = crew.as_(who).get(crew.path)

        assert roles(team) == {
            crew.owner.user_id: "owner",
            crew.admin.user_id: "admin",
            crew.member.user_id: "member",
        }
        assert team["memberCount"] == 3
        assert set(team["members"][0]["user"]) == {"id", "name", "avatar"}
        assert team["members"][0]["joinedAt"].endswith("Z")

    def test_shows_mail_addresses_only_to_those_who_see_users(
        self, crew: Crew, make: Factory
    ) -> None:
        clerk = client_holding(make, "teams:view", "users:view")
        crew.owner.post(f"{crew.path}/members", json={"userId": clerk.user_id})
        people = {user["id"]: user["email"] for user in clerk.get("/api/users")["items"]}

        def addresses(client: ApiClient) -> dict[int, str | None]:
            members = client.get(crew.path)["members"]
            return {member["user"]["id"]: member["email"] for member in members}

        seen = addresses(clerk)
        assert len(seen) == 4
        assert seen == {user_id: people[user_id] for user_id in seen}
        assert [*map(addresses, [crew.owner, crew.member])] == [dict.fromkeys(seen)] * 2

    def test_shows_it_to_who_manages_teams(self, crew: Crew, admin: ApiClient) -> None:
        team = admin.get(crew.path)

        assert team["name"] == "Crew"

    def test_that_is_of_others_is_as_if_it_were_not(self, crew: Crew) -> None:
        crew.outsider.get(crew.path, status=404)
        hidden = crew.outsider.last.data

        crew.outsider.get("/api/teams/999999", status=404)

        assert crew.outsider.last.data == hidden

    def test_whose_owner_is_deleted_has_none(self, crew: Crew, super_admin: ApiClient) -> None:
        super_admin.delete(f"/api/users/{crew.owner.user_id}")

        team = super_admin.get(crew.path)

        assert (team["owner"], team["memberCount"]) == (None, 2)


class TestCreateTeam:
    def test_makes_the_caller_its_owner(self, admin: ApiClient) -> None:
        team = admin.post("/api/teams", json={"name": " Crew "})

        assert (team["name"], team["description"], team["avatar"]) == ("Crew", None, None)
        assert (team["owner"]["id"], team["memberCount"]) == (admin.user_id, 1)
        assert roles(team) == {admin.user_id: "owner"}
        assert admin.get(f"/api/teams/{team['id']}") == team

    def test_takes_everything(self, admin: ApiClient, make: Factory) -> None:
        ada = make.user()
        sent = {"name": "Crew", "description": "Sails", "avatar": "/crew.png"}

        team = admin.post("/api/teams", json={**sent, "memberIds": [ada.id, ada.id, admin.user_id]})

        assert team == team | sent
        assert roles(team) == {admin.user_id: "owner", ada.id: "member"}

    def test_ignores_what_is_not_chosen(self, admin: ApiClient, make: Factory) -> None:
        chosen = {"id": 999, "owner": {"id": make.user().id}, "createdAt": "2000-01-01T00:00:00Z"}

        team = admin.post("/api/teams", json={"name": "Crew", "memberCount": 9, **chosen})

        assert (team["owner"]["id"], team["memberCount"]) == (admin.user_id, 1)
        assert team["id"] != 999
        assert not team["createdAt"].startswith("2000")

    @pytest.mark.parametrize("status", ["INACTIVE", None])
    def test_refuses_members_whom_there_are_not(
        self, admin: ApiClient, make: Factory, status: str | None
    ) -> None:
        nobody = make.user(status=status).id if status else 999999

        error = admin.post("/api/teams", json={"name": "Crew", "memberIds": [nobody]}, status=400)

        assert [detail["field"] for detail in error["details"]] == ["memberIds"]
        assert admin.get("/api/teams")["total"] == 0

    @pytest.mark.database("sqlite")
    @each(
        ("bad", "field"),
        [
            *BAD_INPUT,
            ({"memberIds": 1}, "memberIds"),
            ({"memberIds": list(range(1, 102))}, "memberIds"),
            ({"memberIds": ["x"]}, "memberIds.0"),
        ],
    )
    def test_refuses_bad_input(self, admin: ApiClient, bad: dict[str, Any], field: str) -> None:
        error = admin.post("/api/teams", json={"name": "Crew", **bad}, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]

    def test_asks_for_a_name(self, admin: ApiClient) -> None:
        error = admin.post("/api/teams", json={}, status=400)

        assert [detail["field"] for detail in error["details"]] == ["name"]

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.post("/api/teams", json={"name": "Crew"}, status=403)


class TestUpdateTeam:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    @pytest.mark.parametrize("who", ["owner", "admin"])
    def test_its_owner_and_admins_change_what_they_send(
        self, crew: Crew, who: str, method: str
    ) -> None:
        before = crew.member.get(crew.path)

        after = crew.as_(who).call(method, crew.path, 200, json={"description": "Sails"})

        assert after["updatedAt"] > before["updatedAt"]
        assert after == before | {"description": "Sails", "updatedAt": after["updatedAt"]}
        assert crew.member.get(crew.path) == after

    @pytest.mark.parametrize("permission", ["teams:manage", "teams:*", "*"])
    def test_who_manages_teams_changes_any(
        self, crew: Crew, make: Factory, permission: str
    ) -> None:
        manager = client_holding(make, "teams:view", permission)

        team = manager.put(crew.path, json={"name": "Sailors"})

        assert team["name"] == "Sailors"

    def test_ignores_what_is_not_chosen(self, crew: Crew) -> None:
        before = crew.owner.get(crew.path)
        sent = {"id": 999, "owner": None, "memberCount": 9, "members": None, "memberIds": None}

        after = crew.owner.put(crew.path, json=sent)

        assert after == before | {"updatedAt": after["updatedAt"]}

    @pytest.mark.database("sqlite")
    @each(("bad", "field"), BAD_INPUT)
    def test_refuses_bad_input(self, crew: Crew, bad: dict[str, Any], field: str) -> None:
        error = crew.owner.put(crew.path, json=bad, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]

    @pytest.mark.parametrize(("who", "status"), [("member", 403), ("outsider", 404)])
    def test_others_do_not(self, crew: Crew, who: str, status: int) -> None:
        crew.as_(who).put(crew.path, json={"name": "Other"}, status=status)

        assert crew.owner.get(crew.path)["name"] == "Crew"


class TestDeleteTeam:
    def test_its_owner_deletes_it(self, crew: Crew) -> None:
        answer = crew.owner.delete(crew.path)

        assert answer is None
        crew.owner.get(crew.path, status=404)
        assert crew.member.get("/api/teams")["total"] == 0

    @pytest.mark.parametrize("permission", ["teams:manage", "teams:*", "*"])
    def test_who_manages_teams_deletes_any(
        self, crew: Crew, make: Factory, permission: str
    ) -> None:
        client_holding(make, "teams:view", permission).delete(crew.path)

        crew.owner.get(crew.path, status=404)

    def test_ends_what_was_shared_with_it(self, crew: Crew) -> None:
        document = crew.admin.post("/api/documents", json={"title": "Plan"})
        path = f"/api/documents/{document['id']}"
        shared = {"teamIds": [int(crew.path.rpartition("/")[2])], "permission": "VIEW"}
        crew.admin.open("POST", f"{path}/share", json=shared)
        crew.member.get(path)

        crew.owner.delete(crew.path)

        crew.member.get(path, status=404)
        crew.admin.get(path)

    @each(("who", "status"), [("admin", 403), ("member", 403), ("outsider", 404)])
    def test_others_do_not(self, crew: Crew, who: str, status: int) -> None:
        crew.as_(who).delete(crew.path, status=status)

        crew.owner.get(crew.path)
