"""What every signed-in user has: the own profile and the directory."""

from typing import Any

import pytest

from halolight.extensions import db
from halolight.modules.roles.system import SYSTEM_ROLES
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory

ME = "/api/users/me"


class TestGetMe:
    def test_shows_oneself_with_the_permissions_of_the_role(self, make: Factory) -> None:
        ada = make.client(email="ada@example.com", name="Ada", phone="123")

        me = ada.get(ME)

        assert (me["id"], me["email"], me["name"]) == (ada.user_id, "ada@example.com", "Ada")
        assert (me["role"], me["roleLabel"], me["phone"]) == ("user", "User", "123")
        assert me["permissions"] == SYSTEM_ROLES["user"][2]

    @each("role", list(SYSTEM_ROLES))
    def test_is_for_every_role(self, make: Factory, role: str) -> None:
        client = make.client(role)

        me = client.get(ME)

        assert me["permissions"] == SYSTEM_ROLES[role][2]
        assert client.get("/api/auth/me") == me

    def test_is_refused_without_a_token(self, anonymous: ApiClient) -> None:
        anonymous.get(ME, status=401)


class TestUpdateMe:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_changes_only_what_is_sent(self, make: Factory, method: str) -> None:
        ada = make.client(name="Ada", phone="123", bio="Writes")
        before = ada.get(ME)

        after = ada.call(method, ME, 200, json={"name": " Ada L. ", "bio": None})

        assert after["updatedAt"] > before["updatedAt"]
        changed = {"name": "Ada L.", "bio": None, "updatedAt": after["updatedAt"]}
        assert after == before | changed
        assert ada.get(ME) == after

    def test_changes_every_field_of_the_profile(self, user: ApiClient) -> None:
        profile = {
            "name": "Zoë",
            "avatar": "https://example.com/z.png",
            "phone": "+49 30 1",
            "department": "Sales",
            "position": "Lead",
            "bio": "Sails.",
        }

        me = user.put(ME, json=profile)

        assert me == me | profile

    @pytest.mark.parametrize(
        "sent",
        [
            {"id": 999},
            {"email": "other@example.com"},
            {"username": "other"},
            {"role": "super_admin"},
            {"roleId": "super_admin"},
            {"status": "SUSPENDED"},
            {"permissions": ["*"]},
            {"createdAt": "2000-01-01T00:00:00Z"},
            {"lastLoginAt": "2000-01-01T00:00:00Z"},
        ],
    )
    def test_ignores_what_is_no_part_of_the_profile(
        self, user: ApiClient, sent: dict[str, Any]
    ) -> None:
        before = user.get(ME)

        after = user.put(ME, json={**sent, "bio": "new"})

        assert after == before | {"bio": "new", "updatedAt": after["updatedAt"]}

    @pytest.mark.parametrize("key", ["password", "hashedPassword", "hashed_password"])
    def test_leaves_the_password_alone(
        self, make: Factory, user: ApiClient, hashed_password: str, key: str
    ) -> None:
        user.put(ME, json={key: "an entirely new one"})

        with make.app.app_context():
            assert db.session.get_one(User, user.user_id).hashed_password == hashed_password

    @pytest.mark.database("sqlite")
    @each(
        ("sent", "field"),
        [
            ({"name": None}, "name"),
            ({"name": "  "}, "name"),
            ({"name": "x" * 101}, "name"),
            ({"name": 5}, "name"),
            ({"name": "nul\0"}, "name"),
            ({"avatar": "x" * 501}, "avatar"),
            ({"phone": "x" * 51}, "phone"),
            ({"department": "x" * 101}, "department"),
            ({"position": ["Lead"]}, "position"),
            ({"bio": "x" * 2001}, "bio"),
        ],
    )
    def test_refuses_bad_input(self, user: ApiClient, sent: dict[str, Any], field: str) -> None:
        error = user.put(ME, json=sent, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]


class TestDirectory:
    def test_shows_id_name_and_avatar_to_anyone_and_nothing_else(self, make: Factory) -> None:
        guest = make.client("guest")
        ada = make.user(name="Ada Lovelace", avatar="/a.png", phone="123")

        page = guest.get("/api/users/directory?search=lovelace")

        assert page == {
            "items": [{"id": ada.id, "name": "Ada Lovelace", "avatar": "/a.png"}],
            "total": 1,
            "page": 1,
            "pageSize": 10,
            "totalPages": 1,
        }

    @pytest.mark.parametrize("text", ["ada", "ADA LOVE", "countess", "a@ENGINE.example", "ad"])
    def test_finds_by_name_username_and_email_in_any_case(
        self, user: ApiClient, make: Factory, text: str
    ) -> None:
        make.user(name="Ada Lovelace", username="countess", email="a@engine.example")
        make.user(name="Bob")

        page = user.get(f"/api/users/directory?keyword={text}")

        assert [person["name"] for person in page["items"]] == ["Ada Lovelace"]

    def test_does_not_let_mail_addresses_be_guessed(self, user: ApiClient, make: Factory) -> None:
        make.user(name="Ada", username="ada", email="secret@engine.example")

        page = user.get("/api/users/directory?search=engine")

        assert page["items"] == []

    def test_shows_active_users_only(self, user: ApiClient, make: Factory) -> None:
        for status in ("ACTIVE", "INACTIVE", "SUSPENDED"):
            make.user(name=f"Ada {status}", status=status)

        page = user.get("/api/users/directory?search=ada")

        assert [person["name"] for person in page["items"]] == ["Ada ACTIVE"]
        assert page["total"] == 1

    @each("query", ["", "?search=", "?search=a", "?search=%20a%20"])
    def test_asks_for_two_characters(self, user: ApiClient, query: str) -> None:
        error = user.get(f"/api/users/directory{query}", status=400)

        assert [detail["field"] for detail in error["details"]] == ["search"]

    def test_two_wildcards_are_no_way_to_list_everybody(
        self, user: ApiClient, make: Factory
    ) -> None:
        make.user(name="Ada")

        page = user.get("/api/users/directory?search=%25%25")

        assert page["items"] == []

    def test_comes_in_pages_by_name(self, user: ApiClient, make: Factory) -> None:
        for letter in "cab":
            make.user(name=f"person {letter}")

        pages = [
            user.get(f"/api/users/directory?search=person&limit=2&page={number}")
            for number in (1, 2)
        ]

        found = [person["name"] for page in pages for person in page["items"]]
        assert found == ["person a", "person b", "person c"]

    def test_is_refused_without_a_token(self, anonymous: ApiClient) -> None:
        anonymous.get("/api/users/directory?search=ada", status=401)
