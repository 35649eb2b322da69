"""Nobody climbs: who may give what, change whom, and what nobody can set at all."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from halolight.extensions import db
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.each import each
from tests.factories import PASSWORD, Factory
from tests.modules.roles.holders import client_holding

NEW = {"email": "new@example.com", "name": "New"}
BATCH = "/api/users/batch-delete"

# Every way to do something to a user: method, what follows the user's path, body.
WAYS_TO_CHANGE: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "", {"name": "Changed"}),
    ("PATCH", "", {"email": "changed@example.com"}),
    ("PUT", "", {"password": "an entirely new one"}),
    ("PUT", "", {"role": "guest"}),
    ("PUT", "", {"status": "SUSPENDED"}),
    ("PATCH", "/status", {"status": "SUSPENDED"}),
    ("DELETE", "", {}),
]
# Those after which a super admin is none any more.
WAYS_TO_LEAVE: list[tuple[str, str, dict[str, Any]]] = [
    ("DELETE", "", {}),
    ("PUT", "", {"role": "admin"}),
    ("PUT", "", {"status": "INACTIVE"}),
    ("PATCH", "/status", {"status": "SUSPENDED"}),
]


class TestGivingARole:
    @pytest.mark.parametrize("key", ["role", "roleId"])
    def test_nobody_creates_a_user_who_holds_more(self, admin: ApiClient, key: str) -> None:
        admin.post("/api/users", json={**NEW, key: "super_admin"}, status=403)

        assert admin.get("/api/users")["total"] == 1

    def test_nobody_makes_a_user_hold_more(self, admin: ApiClient, make: Factory) -> None:
        path = f"/api/users/{make.user().id}"

        admin.put(path, json={"role": "super_admin"}, status=403)

        assert admin.get(path)["role"] == "user"

    def test_the_default_role_is_given_like_any_other(self, make: Factory) -> None:
        helper = client_holding(make, "users:*")

        helper.post("/api/users", json=NEW, status=403)

    def test_a_role_that_one_holds_in_full_can_be_given(self, make: Factory) -> None:
        helper = client_holding(make, "users:*", "dashboard:*")

        user = helper.post("/api/users", json={**NEW, "role": "guest"})

        assert user["role"] == "guest"

    def test_a_super_admin_makes_another(self, super_admin: ApiClient, make: Factory) -> None:
        user = super_admin.put(f"/api/users/{make.user().id}", json={"role": "super_admin"})

        assert user["role"] == "super_admin"


class TestChangingWhoHoldsMore:
    @each(("method", "suffix", "body"), WAYS_TO_CHANGE)
    def test_is_refused(
        self,
        admin: ApiClient,
        super_admin: ApiClient,
        method: str,
        suffix: str,
        body: dict[str, Any],
    ) -> None:
        path = f"/api/users/{super_admin.user_id}"
        before = super_admin.get(path)

        admin.call(method, path + suffix, 403, json=body)

        assert super_admin.get(path) == before

    def test_one_permission_more_is_enough(self, make: Factory) -> None:
        helper = client_holding(make, "users:*")
        guest = make.user("guest")

        helper.put(f"/api/users/{guest.id}", json={"name": "Changed"}, status=403)

    def test_who_holds_the_same_can_be_changed(self, admin: ApiClient, make: Factory) -> None:
        peer = make.user("admin")

        user = admin.put(f"/api/users/{peer.id}", json={"name": "Changed"})

        assert user["name"] == "Changed"


class TestChangingOneself:
    @each("role", ["admin", "super_admin"])
    @each(
        ("suffix", "body"),
        [
            ("", {"role": "guest"}),
            ("", {"roleId": "user"}),
            ("", {"status": "INACTIVE"}),
            ("", {"name": "Changed", "status": "SUSPENDED"}),
            ("/status", {"status": "INACTIVE"}),
        ],
    )
    def test_nobody_changes_their_own_role_or_status(
        self, make: Factory, role: str, suffix: str, body: dict[str, str]
    ) -> None:
        make.user("super_admin")
        client = make.client(role)
        path = f"/api/users/{client.user_id}"
        before = client.get(path)

        client.patch(path + suffix, json=body, status=403)

        assert client.get(path) == before

    def test_the_same_role_and_status_are_no_change(self, admin: ApiClient) -> None:
        sent = {"name": "Changed", "role": "admin", "status": "active"}

        user = admin.put(f"/api/users/{admin.user_id}", json=sent)

        assert user["name"] == "Changed"


class TestLastSuperAdmin:
    """Who holds `*` through another role may change super admins, and is none."""

    @pytest.fixture
    def root(self, make: Factory) -> ApiClient:
        return client_holding(make, "*")

    @pytest.mark.parametrize(("method", "suffix", "body"), WAYS_TO_LEAVE)
    def test_has_to_stay(
        self, root: ApiClient, make: Factory, method: str, suffix: str, body: dict[str, str]
    ) -> None:
        make.user("super_admin", status="INACTIVE")  # does not count
        path = f"/api/users/{make.user('super_admin').id}"
        before = root.get(path)

        error = root.call(method, path + suffix, 409, json=body)

        assert error["code"] == "CONFLICT"
        assert root.get(path) == before

    def test_cannot_be_removed_with_all_others_at_once(
        self, root: ApiClient, make: Factory
    ) -> None:
        ids = [make.user("super_admin").id for _ in range(2)]

        root.post(BATCH, json={"ids": [make.user().id, *ids]}, status=409)

        assert root.get("/api/users")["total"] == 4

    @pytest.mark.parametrize(("method", "suffix", "body"), WAYS_TO_LEAVE)
    def test_others_may_go(
        self, root: ApiClient, make: Factory, method: str, suffix: str, body: dict[str, str]
    ) -> None:
        make.user("super_admin")
        leaving = make.user("super_admin")

        root.call(method, f"/api/users/{leaving.id}{suffix}", 200, json=body)

        assert root.get("/api/users?role=super_admin&status=active")["total"] == 1

    def test_may_change_otherwise(self, root: ApiClient, make: Factory) -> None:
        path = f"/api/users/{make.user('super_admin').id}"

        user = root.put(path, json={"name": "Changed", "role": "super_admin", "status": "ACTIVE"})

        assert user["name"] == "Changed"

    @pytest.mark.parametrize(("method", "suffix", "body"), WAYS_TO_LEAVE)
    def test_stays_when_all_are_removed_at_the_same_time(
        self, root: ApiClient, make: Factory, method: str, suffix: str, body: dict[str, str]
    ) -> None:
        paths = [f"/api/users/{make.user('super_admin').id}{suffix}" for _ in range(5)]
        clients = [make.sign_in(root.user_id) for _ in paths]

        with ThreadPoolExecutor(len(paths)) as pool:
            answers = list(
                pool.map(lambda c, path: c.open(method, path, json=body), clients, paths)
            )

        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 409]
        assert root.get("/api/users?role=super_admin&status=active")["total"] == 1


class TestMassAssignment:
    SENT = {
        "id": 999,
        "hashedPassword": "x",
        "hashed_password": "x",
        "roleLabel": "Boss",
        "createdAt": "2000-01-01T00:00:00Z",
        "created_at": "2000-01-01T00:00:00Z",
        "updatedAt": "2000-01-01T00:00:00Z",
        "lastLoginAt": "2000-01-01T00:00:00Z",
        "permissions": ["*"],
        "documents": [1],
        "sessions": [],
    }

    def test_changes_nothing_of_a_user(
        self, admin: ApiClient, make: Factory, hashed_password: str
    ) -> None:
        ada = make.user()
        path = f"/api/users/{ada.id}"
        before = admin.get(path)

        after = admin.put(path, json=self.SENT)

        assert after == before | {"updatedAt": after["updatedAt"]}
        assert not after["updatedAt"].startswith("2000")
        with make.app.app_context():
            assert db.session.get_one(User, ada.id).hashed_password == hashed_password

    def test_chooses_nothing_of_a_new_user(self, admin: ApiClient) -> None:
        user = admin.post("/api/users", json={**NEW, **self.SENT})

        assert (user["roleLabel"], user["lastLoginAt"]) == ("User", None)
        assert user["id"] != 999
        assert not user["createdAt"].startswith("2000")

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "", None),
            ("GET", "/{id}", None),
            ("GET", "/me", None),
            ("PUT", "/me", {"bio": "new"}),
            ("GET", "/directory?search=new", None),
            ("POST", "", {"email": "two@example.com", "name": "Two", "password": PASSWORD}),
            ("PUT", "/{id}", {"password": PASSWORD}),
            ("PATCH", "/{id}/status", {"status": "INACTIVE"}),
        ],
    )
    def test_no_answer_holds_a_secret(
        self, admin: ApiClient, make: Factory, method: str, path: str, body: dict[str, str] | None
    ) -> None:
        path = path.format(id=make.user(name="New").id)

        response = admin.open(method, f"/api/users{path}", json=body)

        assert response.status_code < 300
        for secret in ("password", "hash", "argon2", PASSWORD):
            assert secret not in response.text.lower()
