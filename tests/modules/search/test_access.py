"""Nobody finds what they may not see."""

from typing import Any

import pytest
from flask import Flask

from halolight.extensions import db
from halolight.modules.roles.models import Role
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.calendar.steps import EVENTS, plan
from tests.modules.documents.steps import share, team_of, write
from tests.modules.files.steps import upload
from tests.modules.messages.steps import send

from .steps import SEARCH, TYPES, found, search

# Where one thing of each type is read.
PATHS = {
    "people": "/api/users",
    "documents": "/api/documents",
    "files": "/api/files",
    "folders": "/api/folders",
    "messages": "/api/messages",
    "events": EVENTS,
    "teams": "/api/teams",
}
LISTED = {**PATHS, "people": "/api/users/directory"}
CALLERS = ("owner", "friend", "member", "stranger", "guest", "admin", "super_admin")


@pytest.fixture
def callers(make: Factory) -> dict[str, ApiClient]:
    """The owner of one thing of each type; others see some of them, in several ways, or all."""
    callers = {name: make.client(name=f"Zebra {name}") for name in CALLERS[:4]}
    callers |= {name: make.client(name, name=f"Zebra {name}") for name in CALLERS[4:]}
    owner, friend, member = (callers[name] for name in ("owner", "friend", "member"))
    team_id = team_of(callers["super_admin"], owner, member)
    callers["super_admin"].put(f"/api/teams/{team_id}", json={"name": "Zebras"})
    callers["super_admin"].post("/api/teams", json={"name": "Zebras of others"})
    for title in ("The zebra of both", "A zebra of its own"):
        document = write(owner, title, content="zebra")
        folder = owner.post("/api/folders", json={"name": title})
        upload(owner, title.encode(), "zebra.txt", folderId=str(folder["id"]))
        if "both" in title:
            share(owner, document["id"], userIds=[friend.user_id], teamIds=[team_id])
            body = {"userIds": [friend.user_id], "teamIds": [team_id]}
            owner.post(f"/api/files/{folder['id']}/share", json=body, status=200)
            plan(owner, title, attendeeIds=[friend.user_id], teamIds=[team_id])
        else:
            plan(owner, title)
    send(owner, friend, content="A zebra for you")
    return callers


@pytest.mark.parametrize("name", CALLERS)
def test_of_each_caller_is_what_the_lists_show(callers: dict[str, ApiClient], name: str) -> None:
    caller = callers[name]
    results = search(caller, "zebra", pageSize=20)

    for type_, result in results.items():
        path = LISTED[type_]
        if type_ == "people" and name in {"admin", "super_admin"}:
            path = PATHS[type_]
        listed = caller.get(f"{path}?search=zebra&pageSize=100")["items"]
        if type_ == "files":
            listed = [each for each in listed if each["type"] != "folder"]
        assert {each["id"] for each in result["items"]} == {each["id"] for each in listed}, type_
        assert result["total"] == len(listed), type_
    for type_ in set(TYPES) - results.keys():
        caller.get(f"{PATHS[type_]}?search=zebra", status=403)


def numbers(client: ApiClient) -> dict[str, int]:
    """How many each type has."""
    return {name: len(ids) for name, ids in found(client, "zebra", pageSize=20).items()}


def test_is_what_each_caller_may_see(callers: dict[str, ApiClient]) -> None:
    people = {"people": 7}
    all_of_owner = {"documents": 2, "files": 2, "folders": 2, "events": 2}
    shared = {"documents": 1, "files": 1, "folders": 1, "events": 1}
    assert {name: numbers(client) for name, client in callers.items()} == {
        "owner": {**people, **all_of_owner, "messages": 1, "teams": 1},
        "friend": {**people, **shared, "messages": 1},
        "member": {**people, **shared, "teams": 1},
        "stranger": people,
        "guest": people,
        "admin": {**people, **all_of_owner, "teams": 2},
        "super_admin": {**people, **all_of_owner, "teams": 2},
    }


def test_ends_with_a_share_and_with_a_message(callers: dict[str, ApiClient]) -> None:
    owner, friend = callers["owner"], callers["friend"]
    ids = found(friend, "zebra")
    owner.post(f"/api/documents/{ids['documents'][0]}/unshare", json={}, status=200)
    friend.delete(f"/api/messages/{ids['messages'][0]}")

    assert not {"documents", "messages"} & numbers(friend).keys()
    assert numbers(owner)["messages"] == 1


@pytest.mark.parametrize("permission", ["documents:view", "documents:manage", "messages:view"])
def test_follows_the_permissions_of_the_moment(
    app: Flask, callers: dict[str, ApiClient], permission: str
) -> None:
    stranger = callers["stranger"]
    assert "documents" in search(stranger, "zebra")
    with app.app_context():
        role = db.session.get_one(Role, "user")
        role.permissions = [permission]
        db.session.commit()

    results = search(stranger, "zebra")

    kind = permission.partition(":")[0]
    assert list(results) == ["people"] + ([kind] if permission.endswith("view") else [])
    if permission == "documents:manage":
        # As the list, which asks for `documents:view`.
        stranger.get("/api/documents", status=403)
        stranger.get(f"{SEARCH}?q=zebra&types=documents", status=403)


def test_shows_nothing_of_others_in_what_it_shows(callers: dict[str, ApiClient]) -> None:
    shown: Any = search(callers["member"], "zebra", pageSize=20)

    for text in ("of its own", "for you", "@example.com", "of others"):
        assert text not in str(shown), text
