"""Public links: whoever has one sees the file, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import argon2
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core import passwords
from halolight.extensions import db
from halolight.modules.files.models import FileShare
from halolight.modules.files.sharing import links
from tests.api_client import ApiClient
from tests.modules.files.tree_steps import file, folder, link, share

PASSWORD = "open-sesame"


@pytest.fixture
def file_id(user: ApiClient) -> int:
    return int(file(user, "plan.txt", folder(user, "Secret plans")["id"])["id"])


def with_password(password: str) -> dict[str, Any]:
    return {"headers": {"X-Share-Password": password}}


class TestLink:
    def test_shows_the_file_to_whoever_has_it(
        self, user: ApiClient, anonymous: ApiClient, file_id: int
    ) -> None:
        url = link(user, file_id)

        shown = anonymous.get(url)

        assert shown == {
            "name": "plan.txt",
            "type": "document",
            "size": 4,
            "mimeType": "text/plain",
            "ownerName": user.get(f"/api/files/{file_id}")["owner"]["name"],
            "expiresAt": None,
            "downloadUrl": f"{url}/download",
        }

    def test_is_told_once(self, user: ApiClient, file_id: int) -> None:
        [made] = share(user, file_id, public=True)

        assert made["url"] == f"/api/files/shared/{made['token']}"
        assert len(made["token"]) == 43  # 256 bits
        assert (made["public"], made["user"], made["team"]) == (True, None, None)
        [listed] = user.get(f"/api/files/{file_id}/shares")
        assert made["token"] not in user.last.text
        assert listed["id"] == made["id"]
        [first, second] = share(user, file_id, public=True)
        assert first["token"] is None
        assert second["token"] not in {None, made["token"]}

    def test_is_not_at_rest(self, app: Flask, user: ApiClient, file_id: int) -> None:
        [made] = share(user, file_id, public=True, password=PASSWORD)

        with app.app_context():
            row = db.session.execute(sa.select(FileShare.__table__)).one()
        assert made["token"] not in str(row)
        assert PASSWORD not in str(row)
        assert row.password_hash.startswith("$argon2id$")

    def test_that_is_unknown_or_ended_is_not_found(
        self,
        user: ApiClient,
        anonymous: ApiClient,
        file_id: int,
        clock: time_machine.Traveller,
    ) -> None:
        ended, deleted = link(user, file_id, expiresIn=60), link(user, file_id)
        anonymous.get(ended)
        clock.shift(61)
        user.delete(f"/api/files/{file_id}")

        bodies = set()
        for url in (ended, deleted, "/api/files/shared/missing", ended.swapcase()):
            anonymous.open("GET", url.replace("/API/FILES/SHARED/", "/api/files/shared/"))
            assert anonymous.last.status_code == 404
            bodies.add(anonymous.last.data)
        assert len(bodies) == 1

    def test_is_not_made_of_a_folder(self, user: ApiClient) -> None:
        path = f"/api/files/{folder(user, 'Projects')['id']}"

        error = user.post(f"{path}/share", json={"public": True}, status=400)

        assert [detail["field"] for detail in error["details"]] == ["public"]
        assert user.get(f"{path}/shares") == []

    def test_is_one_of_twenty_at_most(
        self, user: ApiClient, file_id: int, clock: time_machine.Traveller
    ) -> None:
        for _ in range(20):
            share(user, file_id, public=True, expiresIn=60)

        user.post(f"/api/files/{file_id}/share", json={"public": True}, status=409)
        clock.shift(61)  # those that have ended do not count
        assert len(share(user, file_id, public=True)) == 1

    @pytest.mark.parametrize("status", ["INACTIVE", "SUSPENDED"])
    def test_rests_while_the_account_of_the_owner_does(
        self, user: ApiClient, admin: ApiClient, anonymous: ApiClient, file_id: int, status: str
    ) -> None:
        url, account = link(user, file_id), f"/api/users/{user.user_id}/status"

        admin.patch(account, json={"status": status})
        anonymous.get(url, status=404)
        admin.patch(account, json={"status": "ACTIVE"})

        anonymous.get(url)

    def test_ends_with_the_account_of_the_owner(
        self, user: ApiClient, admin: ApiClient, anonymous: ApiClient, file_id: int
    ) -> None:
        url = link(user, file_id)

        admin.delete(f"/api/users/{user.user_id}")

        anonymous.get(url, status=404)
        path = f"/api/files/{file_id}/share"
        error = admin.post(path, json={"public": True}, status=409)
        assert "copy" in error["message"]

    def test_gives_no_access_to_the_file_itself(
        self, user: ApiClient, file_id: int, anonymous: ApiClient
    ) -> None:
        link(user, file_id)

        anonymous.get(f"/api/files/{file_id}", status=401)


class TestPassword:
    @pytest.fixture(autouse=True)
    def _cheap_hashes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr("halolight.core.passwords._hasher", cheap)

    @pytest.fixture
    def url(self, user: ApiClient, file_id: int) -> str:
        return link(user, file_id, password=PASSWORD)

    def test_opens_the_link(self, anonymous: ApiClient, url: str) -> None:
        shown = anonymous.get(url, **with_password(PASSWORD))

        assert shown["name"] == "plan.txt"

    def test_is_asked_for(self, user: ApiClient, anonymous: ApiClient, url: str) -> None:
        error = anonymous.get(url, status=403)

        assert "X-Share-Password" in error["message"]
        assert "plan.txt" not in anonymous.last.text
        user.get(url, status=403)

    @pytest.mark.parametrize("password", ["wrong", "", PASSWORD.upper(), "\xfc", "x" * 128])
    def test_has_to_be_right(self, anonymous: ApiClient, url: str, password: str) -> None:
        anonymous.get(url, status=403, **with_password(password))

    def test_opens_nothing_when_the_link_is_revoked_while_it_is_compared(
        self,
        user: ApiClient,
        anonymous: ApiClient,
        file_id: int,
        url: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        [share] = user.get(f"/api/files/{file_id}/shares")
        compare = passwords.verify_password

        def revoked_meanwhile(*args: Any) -> bool:
            right = compare(*args)
            with ThreadPoolExecutor(1) as other_request:
                path, body = f"/api/files/{file_id}/revoke-share", {"shareId": share["id"]}
                other_request.submit(user.post, path, json=body, status=200).result()
            return right

        monkeypatch.setattr(links, "verify_password", revoked_meanwhile)

        anonymous.get(url, status=404, **with_password(PASSWORD))

    def test_is_not_taken_from_the_address(self, anonymous: ApiClient, url: str) -> None:
        anonymous.get(f"{url}?password={PASSWORD}&X-Share-Password={PASSWORD}", status=403)

    def test_is_shown_as_there_and_no_more(self, user: ApiClient, file_id: int, url: str) -> None:
        [listed] = user.get(f"/api/files/{file_id}/shares")

        assert listed["hasPassword"] is True
        assert "argon2" not in user.last.text

    def test_can_be_tried_ten_times(
        self, anonymous: ApiClient, url: str, clock: time_machine.Traveller
    ) -> None:
        for _ in range(10):
            anonymous.get(url, status=403, **with_password("wrong"))

        anonymous.get(url, status=429, **with_password(PASSWORD))
        assert 0 < int(anonymous.last.headers["Retry-After"]) <= 901
        anonymous.get(url, status=403)  # without one nothing is tried
        clock.shift(901)
        anonymous.get(url, **with_password(PASSWORD))

    def test_that_is_right_is_no_attempt(self, anonymous: ApiClient, url: str) -> None:
        for _ in range(12):
            anonymous.get(url, **with_password(PASSWORD))

    def test_of_another_link_can_still_be_tried(
        self, user: ApiClient, anonymous: ApiClient, file_id: int, url: str
    ) -> None:
        for _ in range(11):
            anonymous.open("GET", url, **with_password("wrong"))

        anonymous.get(link(user, file_id, password=PASSWORD), **with_password(PASSWORD))
