"""Several changes of one tree at once come to the same as one after the other."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.files.tree_steps import file, folder, names, paths, share

Call = tuple[str, str, dict[str, Any] | None]  # method, path, body


@pytest.fixture
def clients(user: ApiClient, make: Factory) -> list[ApiClient]:
    """The same user several times."""
    return [make.sign_in(user.user_id) for _ in range(5)]


def at_once(clients: list[ApiClient], calls: list[Call]) -> list[int]:
    """The statuses of these calls, made at the same time."""
    with ThreadPoolExecutor(len(calls)) as pool:
        opened = pool.map(
            lambda client, call: client.open(call[0], call[1], json=call[2]), clients, calls
        )
        return [answer.status_code for answer in opened]


def test_one_of_several_gets_a_name(clients: list[ApiClient]) -> None:
    calls: list[Call] = [("POST", "/api/files/folder", {"name": "Projects"})] * 5

    assert sorted(at_once(clients, calls)) == [201, 409, 409, 409, 409]
    assert paths(clients[0]) == ["/Projects"]


@pytest.mark.parametrize("attempt", range(3))
def test_two_folders_never_end_up_in_each_other(clients: list[ApiClient], attempt: int) -> None:
    user = clients[0]
    a, b = folder(user, "a")["id"], folder(user, "b")["id"]
    calls: list[Call] = [
        ("POST", f"/api/files/{a}/move", {"folderId": b}),
        ("POST", f"/api/files/{b}/move", {"folderId": a}),
    ]

    assert sorted(at_once(clients, calls)) == [200, 409]
    assert paths(user) in (["/a", "/a/b"], ["/b", "/b/a"])


def test_copies_together_do_not_exceed_the_quota(
    app: Flask, clients: list[ApiClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/api/files/{file(clients[0], text='four')['id']}/copy"
    monkeypatch.setitem(app.config, "STORAGE_QUOTA", 12)

    assert sorted(at_once(clients, [("POST", path, None)] * 5)) == [201, 201, 413, 413, 413]
    assert sorted(names(clients[0])) == ["plan (1).txt", "plan (2).txt", "plan.txt"]


@pytest.mark.parametrize("attempt", range(3))
def test_nothing_gets_into_a_folder_that_goes(clients: list[ApiClient], attempt: int) -> None:
    user = clients[0]
    going, moved = folder(user, "going")["id"], file(user, "plan.txt")["id"]
    calls: list[Call] = [
        ("DELETE", f"/api/files/{going}", None),
        ("POST", "/api/files/folder", {"name": "new", "folderId": going}),
        ("POST", f"/api/files/{moved}/move", {"folderId": going}),
        ("PATCH", f"/api/files/{going}/rename", {"name": "gone"}),
    ]

    deleted, *others = at_once(clients, calls)

    assert deleted in {200, 409}
    assert set(others) <= {200, 201, 400, 404}
    if deleted == 200:
        assert paths(user) == ["/plan.txt"]


def test_copying_what_is_being_deleted_leaves_no_half(
    user: ApiClient, make: Factory, clients: list[ApiClient]
) -> None:
    outer, reader = folder(user, "a")["id"], make.client()
    file(user, "plan.txt", outer)
    share(user, outer, userIds=[reader.user_id])
    calls: list[Call] = [
        ("POST", f"/api/files/{outer}/copy", None),
        ("DELETE", f"/api/files/{outer}?recursive=true", None),
    ]

    copied, deleted = at_once([reader, user], calls)

    assert (copied, deleted) in {(201, 200), (404, 200)}
    assert paths(reader) == (["/a", "/a/plan.txt"] if copied == 201 else [])


def test_marks_follow_each_other(clients: list[ApiClient]) -> None:
    path = f"/api/files/{file(clients[0])['id']}"

    assert at_once(clients, [("PATCH", f"{path}/favorite", None)] * 5) == [200] * 5
    assert clients[0].get(path)["isFavorite"] is True
