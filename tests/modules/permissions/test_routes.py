"""Permissions: which there are, and which the caller holds."""

from typing import Any

import pytest
from flask import Flask

from tests.api_client import METHODS, ApiClient, openapi
from tests.each import each
from tests.factories import Factory
from tests.modules.roles.holders import client_holding

CHECK = "/api/permissions/check"


class TestListPermissions:
    def test_shows_exactly_what_the_endpoints_ask_for(self, app: Flask, admin: ApiClient) -> None:
        operations = [
            operation
            for path in openapi(app)["paths"].values()
            for method, operation in path.items()
            if method in METHODS
        ]
        asked_for = {
            operation["x-permission"] for operation in operations if "x-permission" in operation
        }

        permissions = admin.get("/api/permissions")

        keys = [permission["key"] for permission in permissions]
        # The services ask for these, behind the permission at the door.
        managed = {
            f"{name}:manage" for name in ("calendar", "documents", "files", "folders", "teams")
        }
        assert keys == sorted(asked_for | managed)

    def test_says_what_each_is_for(self, admin: ApiClient) -> None:
        permissions = {p["key"]: p for p in admin.get("/api/permissions")}

        assert permissions["users:create"] == {
            "key": "users:create",
            "resource": "users",
            "action": "create",
            "label": "Create users",
            "group": "Users",
            "description": "Create a user",
        }

    def test_names_every_endpoint_of_one(self, admin: ApiClient) -> None:
        permissions = {p["key"]: p for p in admin.get("/api/permissions")}

        assert permissions["roles:view"]["description"] == "List roles; Get a role"

    def test_groups_them_by_resource(self, admin: ApiClient) -> None:
        for permission in admin.get("/api/permissions"):
            resource, _, action = permission["key"].partition(":")

            assert (permission["resource"], permission["action"]) == (resource, action)
            assert permission["group"].lower() == resource
            assert permission["label"]
            assert permission["description"]

    def test_each_can_be_granted(self, super_admin: ApiClient) -> None:
        keys = [permission["key"] for permission in super_admin.get("/api/permissions")]

        role = super_admin.post("/api/roles", json={"name": "all_of_them", "permissions": keys})

        assert role["permissions"] == keys

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.get("/api/permissions", status=403)


class TestCheckPermissions:
    @pytest.mark.parametrize(
        ("role", "held", "not_held"),
        [
            ("guest", ["dashboard:view"], ["dashboard:*", "documents:view", "*"]),
            ("user", ["documents:edit", "files:upload", "messages:send"], ["documents:manage"]),
            ("user", ["documents:read", "Documents:LIST"], ["notifications:create", "users:view"]),
            ("admin", ["users:view", "users:*", "audit:view"], ["audit:*", "audit:delete", "*"]),
            ("super_admin", ["*", "users:*", "anything:view"], []),
        ],
    )
    def test_says_of_each_whether_one_holds_it(
        self, make: Factory, role: str, held: list[str], not_held: list[str]
    ) -> None:
        client = make.client(role)

        answer = client.post(CHECK, json={"permissions": [*held, *not_held]}, status=200)

        assert answer == dict.fromkeys(held, True) | dict.fromkeys(not_held, False)

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize("nonsense", ["", "documents", "documents:fly", "*:view", "a b", "ä:*"])
    def test_nobody_holds_nonsense(self, super_admin: ApiClient, nonsense: str) -> None:
        answer = super_admin.post(CHECK, json={"permissions": [nonsense]}, status=200)

        assert answer == {nonsense: False}

    def test_knows_a_grant_at_once(self, super_admin: ApiClient, make: Factory) -> None:
        client = client_holding(make, "files:view")
        role = client.get("/api/users/me")["role"]
        super_admin.put(f"/api/roles/{role}", json={"permissions": ["documents:*"]})

        answer = client.post(
            CHECK, json={"permissions": ["files:view", "documents:view"]}, status=200
        )

        assert answer == {"files:view": False, "documents:view": True}

    def test_of_nothing_says_nothing(self, user: ApiClient) -> None:
        answer = user.post(CHECK, json={"permissions": []}, status=200)

        assert answer == {}

    @pytest.mark.database("sqlite")
    @each(
        ("sent", "field"),
        [
            ({}, "permissions"),
            ({"permissions": None}, "permissions"),
            ({"permissions": "documents:view"}, "permissions"),
            ({"permissions": ["documents:view"] * 201}, "permissions"),
            ({"permissions": [5]}, "permissions.0"),
            ({"permissions": ["x" * 101]}, "permissions.0"),
        ],
    )
    def test_refuses_bad_input(self, user: ApiClient, sent: dict[str, Any], field: str) -> None:
        error = user.post(CHECK, json=sent, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]

    def test_is_refused_without_a_token(self, anonymous: ApiClient) -> None:
        anonymous.post(CHECK, json={"permissions": []}, status=401)
