"""Roles: what there is, and making, changing, renaming and deleting them."""

from string import ascii_lowercase
from typing import Any

import pytest

from halolight.modules.roles.system import SYSTEM_ROLES
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory

EDITOR = {"name": "editor", "label": "Editor", "permissions": ["documents:view"]}
FIELDS = [
    *("id", "name", "label", "description", "system", "permissions", "userCount"),
    *("createdAt", "updatedAt"),
]

BAD_INPUT: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "name"),
    ({"name": ""}, "name"),
    ({"name": "x"}, "name"),
    ({"name": "x" * 51}, "name"),
    ({"name": "two words"}, "name"),
    ({"name": "1st"}, "name"),
    ({"name": "Editor"}, "name"),
    ({"name": 5}, "name"),
    ({"label": ""}, "label"),
    ({"label": "x" * 101}, "label"),
    ({"label": None}, "label"),
    ({"description": "x" * 501}, "description"),
    ({"permissions": "documents:view"}, "permissions"),
    ({"permissions": None}, "permissions"),
    (
        {"permissions": [f"{a}{b}:view" for a in ascii_lowercase for b in ascii_lowercase]},
        "permissions",
    ),
    ({"permissions": ["nonsense"]}, "permissions.0"),
]


@pytest.fixture
def editor(super_admin: ApiClient) -> str:
    """The path of a custom role."""
    super_admin.post("/api/roles", json=EDITOR)
    return "/api/roles/editor"


class TestListRoles:
    def test_shows_the_system_roles_first_and_all_there_is_to_say(
        self, super_admin: ApiClient, editor: str
    ) -> None:
        roles = super_admin.get("/api/roles")

        assert {role["name"] for role in roles[:-1]} == set(SYSTEM_ROLES)
        assert roles[-1]["name"] == "editor"
        assert [role["system"] for role in roles] == [True] * 4 + [False]
        assert all(list(role) == FIELDS for role in roles)

    @each("name", list(SYSTEM_ROLES))
    def test_system_roles_grant_what_the_contract_says(self, admin: ApiClient, name: str) -> None:
        [role] = [role for role in admin.get("/api/roles") if role["name"] == name]

        label, description, permissions = SYSTEM_ROLES[name]
        assert (role["id"], role["label"], role["description"]) == (name, label, description)
        assert role["permissions"] == permissions

    def test_counts_who_has_each(self, admin: ApiClient, make: Factory) -> None:
        make.user("guest")
        make.user("guest", status="INACTIVE")

        roles = admin.get("/api/roles")

        counts = {role["name"]: role["userCount"] for role in roles}
        assert counts == {"super_admin": 0, "admin": 1, "user": 0, "guest": 2}

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.get("/api/roles", status=403)


class TestGetRole:
    def test_shows_the_role(self, admin: ApiClient) -> None:
        role = admin.get("/api/roles/guest")

        assert (role["id"], role["name"], role["userCount"]) == ("guest", "guest", 0)
        assert role["permissions"] == ["dashboard:view"]

    @each("name", ["nosuchrole", "GUEST", "%25", "ä"])
    def test_is_404_for_none(self, admin: ApiClient, name: str) -> None:
        admin.get(f"/api/roles/{name}", status=404)

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.get("/api/roles/user", status=403)


class TestCreateRole:
    def test_creates_the_role(self, super_admin: ApiClient) -> None:
        role = super_admin.post("/api/roles", json={**EDITOR, "description": "Edits"})

        assert (role["id"], role["name"], role["label"]) == ("editor", "editor", "Editor")
        assert (role["description"], role["permissions"]) == ("Edits", ["documents:view"])
        assert (role["system"], role["userCount"]) == (False, 0)
        assert super_admin.get("/api/roles/editor") == role

    def test_needs_nothing_but_a_name(self, super_admin: ApiClient) -> None:
        role = super_admin.post("/api/roles", json={"name": "bare"})

        assert (role["label"], role["description"], role["permissions"]) == ("bare", None, [])

    def test_ignores_what_is_not_chosen(self, super_admin: ApiClient) -> None:
        chosen = {
            "id": "other",
            "system": True,
            "userCount": 9,
            "createdAt": "2000-01-01T00:00:00Z",
        }

        role = super_admin.post("/api/roles", json=EDITOR | chosen)

        assert (role["id"], role["system"], role["userCount"]) == ("editor", False, 0)
        assert not role["createdAt"].startswith("2000")

    @pytest.mark.parametrize("name", ["editor", "guest"])
    def test_refuses_a_taken_name(self, super_admin: ApiClient, editor: str, name: str) -> None:
        before = super_admin.get(f"/api/roles/{name}")

        error = super_admin.post("/api/roles", json={"name": name}, status=409)

        assert [detail["field"] for detail in error["details"]] == ["name"]
        assert super_admin.get(f"/api/roles/{name}") == before

    def test_asks_for_a_name(self, super_admin: ApiClient) -> None:
        error = super_admin.post("/api/roles", json={"label": "Editor"}, status=400)

        assert [detail["field"] for detail in error["details"]] == ["name"]

    @pytest.mark.database("sqlite")
    @each(("bad", "field"), BAD_INPUT)
    def test_refuses_bad_input(
        self, super_admin: ApiClient, bad: dict[str, Any], field: str
    ) -> None:
        error = super_admin.post("/api/roles", json=EDITOR | bad, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]
        assert len(super_admin.get("/api/roles")) == len(SYSTEM_ROLES)

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.post("/api/roles", json=EDITOR, status=403)


class TestUpdateRole:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_changes_only_what_is_sent(
        self, super_admin: ApiClient, editor: str, method: str
    ) -> None:
        before = super_admin.get(editor)

        after = super_admin.call(method, editor, 200, json={"description": "Edits"})

        assert after["updatedAt"] > before["updatedAt"]
        changed = {"description": "Edits", "updatedAt": after["updatedAt"]}
        assert after == before | changed
        assert super_admin.get(editor) == after

    def test_changes_everything(self, super_admin: ApiClient, editor: str) -> None:
        changes = {
            "name": "author",
            "label": "Author",
            "description": "Writes",
            "permissions": ["documents:view", "documents:create"],
        }

        role = super_admin.put(editor, json=changes)

        assert role == role | changes | {"id": "author"}

    def test_ignores_what_is_not_chosen(self, super_admin: ApiClient, editor: str) -> None:
        before = super_admin.get(editor)

        after = super_admin.put(editor, json={"id": "other", "system": True, "userCount": 9})

        assert after == before | {"updatedAt": after["updatedAt"]}

    @pytest.mark.parametrize("name", ["admin", "user", "guest"])
    def test_a_system_role_can_be_changed_otherwise(
        self, super_admin: ApiClient, name: str
    ) -> None:
        changes = {"name": name, "label": "Other", "permissions": ["dashboard:view"]}

        role = super_admin.put(f"/api/roles/{name}", json=changes)

        assert role == role | changes
        assert role["system"] is True

    @pytest.mark.database("sqlite")
    @each(("bad", "field"), BAD_INPUT)
    def test_refuses_bad_input(
        self, super_admin: ApiClient, editor: str, bad: dict[str, Any], field: str
    ) -> None:
        before = super_admin.get(editor)

        error = super_admin.put(editor, json=bad, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]
        assert super_admin.get(editor) == before

    def test_is_404_for_none(self, super_admin: ApiClient) -> None:
        super_admin.put("/api/roles/nosuchrole", json={"label": "Other"}, status=404)

    def test_is_refused_without_the_permission(self, user: ApiClient, editor: str) -> None:
        user.put(editor, json={"label": "Other"}, status=403)


class TestRenamingARole:
    def test_carries_its_users_along(
        self, super_admin: ApiClient, make: Factory, editor: str
    ) -> None:
        ada = make.client("editor")

        role = super_admin.put(editor, json={"name": "author"})

        assert (role["id"], role["name"], role["userCount"]) == ("author", "author", 1)
        me = ada.get("/api/users/me")
        assert (me["role"], me["permissions"]) == ("author", ["documents:view"])
        super_admin.get(editor, status=404)

    def test_refuses_a_taken_name(self, super_admin: ApiClient, editor: str) -> None:
        error = super_admin.put(editor, json={"name": "guest"}, status=409)

        assert [detail["field"] for detail in error["details"]] == ["name"]
        assert super_admin.get(editor)["name"] == "editor"

    @each("name", list(SYSTEM_ROLES))
    def test_is_not_for_system_roles(self, super_admin: ApiClient, name: str) -> None:
        super_admin.put(f"/api/roles/{name}", json={"name": "renamed"}, status=403)

        super_admin.get(f"/api/roles/{name}")


class TestDeleteRole:
    def test_deletes_the_role(self, super_admin: ApiClient, editor: str) -> None:
        answer = super_admin.delete(editor)

        assert answer is None
        super_admin.get(editor, status=404)
        super_admin.delete(editor, status=404)

    @each("name", list(SYSTEM_ROLES))
    def test_is_not_for_system_roles(self, super_admin: ApiClient, name: str) -> None:
        super_admin.delete(f"/api/roles/{name}", status=403)

        super_admin.get(f"/api/roles/{name}")

    @pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
    def test_is_not_for_a_role_in_use(
        self, super_admin: ApiClient, make: Factory, editor: str, status: str
    ) -> None:
        make.user("editor", status=status)

        error = super_admin.delete(editor, status=409)

        assert error["code"] == "CONFLICT"
        assert super_admin.get(editor)["userCount"] == 1

    def test_is_refused_without_the_permission(self, user: ApiClient, editor: str) -> None:
        user.delete(editor, status=403)
