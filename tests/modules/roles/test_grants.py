"""What roles grant: how it is written, when it counts, and who may give it."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.roles.holders import client_holding

GUEST = "/api/roles/guest"


class TestWritingPermissions:
    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            ("documents:view", "documents:view"),
            ("documents:read", "documents:view"),
            ("documents:list", "documents:view"),
            ("documents:edit", "documents:update"),
            ("documents:manage", "documents:manage"),
            ("documents:*", "documents:*"),
            ("files:upload", "files:create"),
            ("messages:send", "messages:create"),
            ("notifications:create", "notifications:manage"),
            (" Documents:READ ", "documents:view"),
            ("*", "*"),
        ],
    )
    def test_are_stored_in_their_first_form(
        self, super_admin: ApiClient, sent: str, stored: str
    ) -> None:
        created = super_admin.post("/api/roles", json={"name": "new", "permissions": [sent]})
        updated = super_admin.put(GUEST, json={"permissions": [sent]})
        replaced = super_admin.post(
            "/api/roles/user/permissions", json={"permissions": [sent]}, status=200
        )

        for role in (created, updated, replaced):
            assert role["permissions"] == [stored]

    def test_that_mean_the_same_are_stored_once(self, super_admin: ApiClient) -> None:
        sent = ["files:upload", "files:view", "files:create", "files:list"]

        role = super_admin.put(GUEST, json={"permissions": sent})

        assert role["permissions"] == ["files:create", "files:view"]

    @pytest.mark.database("sqlite")
    @each(
        "malformed",
        [
            *("", " ", "documents", "documents:", ":view", ":", "**", "*:*", "*:view"),
            *("documents:fly", "documents:view:all", "documents view", "documents:vi*"),
            *("documents:view\n*", "docu-ments:view", "döcuments:view", "documents:view\0"),
            *(5, None, ["documents:view"], {"key": "documents:view"}),
        ],
    )
    def test_that_are_none_are_refused(self, super_admin: ApiClient, malformed: Any) -> None:
        sent = {"permissions": ["documents:view", malformed]}

        for error in (
            super_admin.post("/api/roles", json={"name": "new", **sent}, status=400),
            super_admin.put(GUEST, json=sent, status=400),
            super_admin.post(f"{GUEST}/permissions", json=sent, status=400),
        ):
            assert {detail["field"] for detail in error["details"]} == {"permissions.1"}

        assert super_admin.get(GUEST)["permissions"] == ["dashboard:view"]


class TestSetPermissions:
    def test_replaces_all_there_were(self, super_admin: ApiClient) -> None:
        before = super_admin.get(GUEST)

        after = super_admin.post(
            f"{GUEST}/permissions",
            json={"permissions": ["documents:view"], "label": "Other"},
            status=200,
        )

        changed = {"permissions": ["documents:view"], "updatedAt": after["updatedAt"]}
        assert after == before | changed
        assert super_admin.get(GUEST) == after

    def test_may_leave_none(self, super_admin: ApiClient) -> None:
        role = super_admin.post(f"{GUEST}/permissions", json={"permissions": []}, status=200)

        assert role["permissions"] == []

    def test_asks_for_the_permissions(self, super_admin: ApiClient) -> None:
        error = super_admin.post(f"{GUEST}/permissions", json={}, status=400)

        assert [detail["field"] for detail in error["details"]] == ["permissions"]

    def test_is_404_for_no_role(self, super_admin: ApiClient) -> None:
        super_admin.post("/api/roles/nosuchrole/permissions", json={"permissions": []}, status=404)

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.post(f"{GUEST}/permissions", json={"permissions": []}, status=403)


class TestWhenGrantsCount:
    @pytest.fixture
    def guest(self, make: Factory) -> ApiClient:
        return make.client("guest")

    def test_a_grant_counts_from_the_next_request(
        self, super_admin: ApiClient, guest: ApiClient
    ) -> None:
        guest.get("/api/documents", status=403)

        super_admin.put(GUEST, json={"permissions": ["documents:view"]})

        guest.get("/api/documents")
        assert guest.get("/api/users/me")["permissions"] == ["documents:view"]

    def test_its_loss_counts_from_the_next_request(
        self, super_admin: ApiClient, user: ApiClient
    ) -> None:
        user.get("/api/documents")

        super_admin.post("/api/roles/user/permissions", json={"permissions": []}, status=200)

        user.get("/api/documents", status=403)
        assert user.get("/api/users/me")["permissions"] == []

    @pytest.mark.parametrize("wildcard", ["*", "documents:*"])
    def test_a_wildcard_grants_each_action(
        self, super_admin: ApiClient, guest: ApiClient, wildcard: str
    ) -> None:
        super_admin.put(GUEST, json={"permissions": [wildcard]})

        document = guest.post("/api/documents", json={"title": "Plan"})

        guest.delete(f"/api/documents/{document['id']}")

    def test_one_action_does_not_grant_another(
        self, super_admin: ApiClient, guest: ApiClient
    ) -> None:
        super_admin.put(GUEST, json={"permissions": ["documents:manage", "files:*"]})

        guest.get("/api/documents", status=403)


class TestWhoMayGrant:
    """The admin holds `audit:view` and `orders:*`, and nothing wider than that."""

    @pytest.mark.parametrize("permissions", [["orders:manage"], ["orders:*", "audit:view"], []])
    def test_one_gives_what_one_holds(self, admin: ApiClient, permissions: list[str]) -> None:
        role = admin.post("/api/roles", json={"name": "new", "permissions": permissions})

        assert role["permissions"] == permissions

    @each("permission", ["*", "audit:*", "audit:delete", "metrics:view"])
    def test_nobody_gives_what_they_do_not_hold(self, admin: ApiClient, permission: str) -> None:
        sent = {"permissions": ["dashboard:view", permission]}

        admin.post("/api/roles", json={"name": "new", **sent}, status=403)
        admin.put(GUEST, json=sent, status=403)
        admin.post(f"{GUEST}/permissions", json=sent, status=403)

        admin.get("/api/roles/new", status=404)
        assert admin.get(GUEST)["permissions"] == ["dashboard:view"]

    def test_nobody_widens_their_own_role(self, admin: ApiClient) -> None:
        permissions = admin.get("/api/roles/admin")["permissions"]

        admin.put("/api/roles/admin", json={"permissions": [*permissions, "*"]}, status=403)

        assert admin.get("/api/users/me")["permissions"] == permissions

    def test_nobody_changes_the_role_that_they_hold(self, make: Factory) -> None:
        """Neither up nor down: a mistake could lock out everybody who could undo it."""
        holders = [make.client("admin"), client_holding(make, "roles:*", "documents:view")]
        for holder in holders:
            path = f"/api/roles/{holder.get('/api/users/me')['role']}"
            before = holder.get(path)

            holder.put(path, json={"label": "Other"}, status=403)
            holder.patch(path, json={"name": "other"}, status=403)
            holder.put(path, json={"permissions": before["permissions"][:1]}, status=403)
            holder.post(f"{path}/permissions", json={"permissions": []}, status=403)
            holder.delete(path, status=403)

            assert holder.get(path) == before

    def test_nobody_changes_a_role_that_grants_more(self, make: Factory) -> None:
        helper = client_holding(make, "roles:*", "documents:*")
        other = client_holding(make, "documents:view", "audit:view")
        path = f"/api/roles/{other.get('/api/users/me')['role']}"
        before = helper.get(path)

        helper.put(path, json={"label": "Other"}, status=403)
        helper.put(path, json={"permissions": ["documents:view"]}, status=403)
        helper.post(f"{path}/permissions", json={"permissions": []}, status=403)
        helper.delete(path, status=403)

        assert helper.get(path) == before

    @pytest.mark.parametrize("holder", ["admin", "super_admin"])
    def test_nobody_changes_the_super_admin(self, make: Factory, holder: str) -> None:
        client = make.client(holder)
        path = "/api/roles/super_admin"
        before = client.get(path)

        client.put(path, json={"label": "Other"}, status=403)
        client.patch(path, json={"permissions": []}, status=403)
        client.post(f"{path}/permissions", json={"permissions": ["*"]}, status=403)
        client.delete(path, status=403)

        assert client.get(path) == before
