"""`Idempotency-Key`: a POST that is sent again with its key changes nothing, with one answer."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core.errors import NotFound
from halolight.core.http import idempotency
from halolight.core.http.idempotency import IdempotencyKey
from halolight.extensions import db
from tests.api_client import ApiClient
from tests.contract.operations import OPERATIONS, Operation, resolve
from tests.factories import PASSWORD, Factory

DOCUMENTS = "/api/documents"
PLAN = {"title": "Plan", "content": "A plan of many words"}
READ = "halolight.modules.documents.service.get_document"  # after the commit
DAY = 24 * 60 * 60  # seconds


def key(value: str) -> dict[str, str]:
    return {"Idempotency-Key": value}


def send(client: ApiClient, value: str = "k1", body: Any = PLAN, path: str = DOCUMENTS) -> Any:
    """The status, the body and the ETag of the response to a POST with a key."""
    response = client.open("POST", path, json=body, headers=key(value))
    return response.status_code, response.get_data(), response.headers.get("ETag")


def titles(client: ApiClient) -> list[str]:
    return sorted(item["title"] for item in client.get(f"{DOCUMENTS}?pageSize=100")["items"])


def keys(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) or 0


class TestTheSameRequest:
    def test_has_the_same_response_and_changes_nothing(self, user: ApiClient) -> None:
        first = send(user)
        again = [send(user) for _ in range(3)]

        assert first[0] == 201
        assert first[2]
        assert again == [first] * 3
        assert titles(user) == ["Plan"]

    def test_has_the_response_of_then_also_when_something_has_changed_since(
        self, user: ApiClient
    ) -> None:
        first = send(user)
        made = user.last.get_json()["data"]["id"]
        user.put(f"{DOCUMENTS}/{made}", json={"title": "Another"})

        assert send(user) == first
        user.delete(f"{DOCUMENTS}/{made}")
        assert send(user) == first

    def test_notifies_and_records_once(self, make: Factory, super_admin: ApiClient) -> None:
        user, other = make.client("user"), make.client("user")
        body = {"recipientId": other.user_id, "content": "Hello"}

        assert send(user, body=body, path="/api/messages") == send(
            user, body=body, path="/api/messages"
        )

        assert other.get("/api/notifications")["total"] == 1
        assert super_admin.get("/api/audit?action=messages.create")["total"] == 1

    def test_is_told_by_its_key_its_user_and_the_time(
        self, make: Factory, clock: time_machine.Traveller
    ) -> None:
        user, other = make.client("user"), make.client("user")
        ids = []
        for client, value in ((user, "k1"), (user, "k2"), (other, "k1"), (user, "k1")):
            send(client, value)
            ids.append(client.last.get_json()["data"]["id"])
        assert len(set(ids[:3])) == 3
        assert ids[3] == ids[0]

        clock.shift(DAY - 60)
        renewed = make.sign_in(user.user_id)
        send(renewed)
        assert renewed.last.get_json()["data"]["id"] == ids[0]
        clock.shift(61)
        first, again = send(renewed), send(renewed)
        assert renewed.last.get_json()["data"]["id"] not in ids
        assert first == again

    def test_is_another_without_the_key(self, user: ApiClient) -> None:
        user.post(DOCUMENTS, json=PLAN)
        user.post(DOCUMENTS, json=PLAN)

        assert titles(user) == ["Plan", "Plan"]

    def test_needs_the_permission_each_time(self, make: Factory, super_admin: ApiClient) -> None:
        user = make.client("user")
        send(user)

        super_admin.put(f"/api/users/{user.user_id}", json={"role": "guest"})

        assert send(user)[0] in {401, 403}


class TestAnotherRequestWithTheKey:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            (DOCUMENTS, {**PLAN, "title": "Other"}),
            (f"{DOCUMENTS}?x=1", PLAN),
            ("/api/folders", {"name": "Plan"}),
            (f"{DOCUMENTS}/batch-delete", {"ids": [1]}),
        ],
        ids=["body", "query", "path", "change"],
    )
    def test_is_refused(self, user: ApiClient, path: str, body: Any) -> None:
        first = send(user)

        error = user.post(path, json=body, headers=key("k1"), status=409)

        assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
        assert titles(user) == ["Plan"]
        assert send(user) == first


class TestFailures:
    def test_are_not_kept(self, app: Flask, user: ApiClient) -> None:
        """What was wrong may be right the next time."""
        share = {"userIds": [user.user_id + 1]}
        user.post(DOCUMENTS, json={"title": ""}, headers=key("k1"), status=400)
        user.post(f"{DOCUMENTS}/999999/share", json=share, headers=key("k1"), status=404)
        user.post("/api/users", json={"email": "a@b.example"}, headers=key("k1"), status=403)
        ApiClient(app).post(DOCUMENTS, json=PLAN, headers=key("k1"), status=401)

        assert keys(app) == 0
        assert send(user)[0] == 201

    def test_of_the_server_undo_the_change(
        self, app: Flask, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: Any) -> None:
            raise RuntimeError

        for place in (READ, "halolight.core.http.idempotency._make_room"):
            with monkeypatch.context() as broken:
                broken.setattr(place, fail)
                assert send(user)[0] == 500
            assert titles(user) == []

        assert send(user)[0] == 201
        assert titles(user) == ["Plan"]

    def test_after_a_change_are_kept_with_it(
        self, app: Flask, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As without a key, the change stays; it only must not be made twice."""

        def fail(*_: Any) -> None:
            raise NotFound

        with monkeypatch.context() as broken:
            broken.setattr(READ, fail)
            first = send(user)

        assert first[0] == 404
        assert send(user) == first
        assert titles(user) == ["Plan"]


class TestAtTheSameTime:
    def test_one_of_them_counts(self, user: ApiClient, app: Flask) -> None:
        def sent(_: int) -> Any:
            return send(ApiClient(app, user.token, user.user_id))

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(sent, range(6)))

        assert {status for status, *_ in answers} == {201}
        assert len(set(answers)) == 1
        assert titles(user) == ["Plan"]

    @pytest.mark.parametrize(
        ("path", "body"),
        [("/api/users", {"email": "dana@example.com", "name": "Dana"}), (DOCUMENTS, PLAN)],
        ids=["that excludes the other", "that does not"],
    )
    def test_the_slower_of_two_has_the_response_of_the_faster(
        self, app: Flask, admin: ApiClient, monkeypatch: pytest.MonkeyPatch, path: str, body: Any
    ) -> None:
        """A second user would be told that the mail address is taken: by itself."""
        answers = []
        look = idempotency._kept

        def look_too_early(*_: Any) -> None:
            monkeypatch.setattr(idempotency, "_kept", look)
            answers.append(send(ApiClient(app, admin.token), body=body, path=path))

        monkeypatch.setattr(idempotency, "_kept", look_too_early)
        answers.append(send(admin, body=body, path=path))

        assert answers[0][0] == 201
        assert answers[0] == answers[1]
        assert len(titles(admin)) <= 1


class TestTheKey:
    @pytest.mark.parametrize("value", ["", "x" * 256, "a\tb", "é", "\x7f"])
    def test_is_1_to_255_printable_characters(self, user: ApiClient, value: str) -> None:
        error = user.post(DOCUMENTS, json=PLAN, headers=key(value), status=400)

        assert [detail["field"] for detail in error["details"]] == ["Idempotency-Key"]
        assert titles(user) == []

    def test_may_be_any_text_of_them(self, user: ApiClient) -> None:
        for value in ("x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a, b; c=~", "0"):
            assert send(user, value) == send(user, value)

        assert len(titles(user)) == 4

    def test_is_ignored_where_a_response_may_contain_secrets(
        self, app: Flask, make: Factory, anonymous: ApiClient, user: ApiClient
    ) -> None:
        account = {"email": make.user().email, "password": PASSWORD}
        wrong = {"currentPassword": "wrong password", "newPassword": "a long password"}
        tokens = set()
        for number in range(2):
            file = {"file": (BytesIO(b"x"), f"{number}")}
            user.post("/api/files/upload", data=file, headers=key("k1"))
            user.post("/api/auth/change-password", json=wrong, headers=key("k1"), status=400)
            login = anonymous.post("/api/auth/login", json=account, headers=key("k1"), status=200)
            tokens.add(login["refreshToken"])

        assert len(tokens) == 2
        assert keys(app) == 0

    def test_is_taken_by_every_post_that_is_neither_an_upload_nor_has_a_secret(self) -> None:
        """Whether it is taken is what the document says."""
        posts = [o for o in OPERATIONS if o.method == "POST"]
        taken = {"$ref": "#/components/parameters/IdempotencyKey"}
        others = [o for o in posts if taken not in o.definition.get("parameters", [])]
        assert sorted(o.id for o in others if o.permission is not None) == [
            "changePassword",
            "createCalendarFeed",
            "createStreamTicket",
            "logout",
            "logoutAll",
            "shareFile",
            "uploadFile",
        ]
        assert all(o in others for o in posts if o.permission is None or has_secret(o))
        wrong = [o for o in OPERATIONS if o.method != "POST"]
        assert not [o for o in wrong if taken in o.definition.get("parameters", [])]


def has_secret(operation: Operation) -> bool:
    """Whether something in the body of its success is called a token, a ticket, a secret or so."""
    [success] = [r for s, r in operation.definition["responses"].items() if s in {"200", "201"}]
    [content] = success["content"].values()
    called = re.compile("(?i)token$|^ticket$|secret|^password")
    return any(map(called.search, names(content["schema"])))


def names(schema: Any) -> set[str]:
    schema = resolve(schema)
    found = set(schema.get("properties", {}))
    for each in (*schema.get("properties", {}).values(), *schema.get("anyOf", ())):
        found |= names(each)
    return found | (names(schema["items"]) if "items" in schema else set())


class TestWhatIsKept:
    def test_has_a_largest_size(self, user: ApiClient) -> None:
        long = {"title": "Long", "content": "x" * idempotency.MAX_ANSWER}
        assert send(user, body=long)[0] == 201

        error = user.post(DOCUMENTS, json=long, headers=key("k1"), status=409)

        assert error["code"] == "IDEMPOTENCY_RESPONSE_NOT_KEPT"
        assert titles(user) == ["Long"]

    def test_has_a_largest_number_of_a_user(
        self, app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(idempotency, "MAX_KEPT", 3)
        user, other = make.client("user"), make.client("user")
        send(other)
        for number in range(5):
            send(user, f"k{number}")

        assert keys(app) == 3 + 1
        send(user, "k4")
        assert len(titles(user)) == 5  # the newest is kept
        send(user, "k0")
        assert len(titles(user)) == 6

    def test_is_pruned_after_a_day(self, app: Flask, user: ApiClient) -> None:
        send(user, "old")
        send(user, "new")
        with app.app_context():
            rows = db.session.scalars(sa.select(IdempotencyKey)).all()
            rows[0].created_at -= timedelta(days=1)
            db.session.commit()

        result = app.test_cli_runner().invoke(args=["idempotency", "prune"])

        assert (result.output, result.exit_code) == ("Deleted 1 keys\n", 0)
        assert keys(app) == 1

    def test_tells_nobody_the_key_nor_a_password(self, app: Flask, admin: ApiClient) -> None:
        """Nor does it let anybody guess them: the request is stored as a hash with a secret key."""
        person = {"email": "dana@example.com", "name": "Dana", "password": PASSWORD}
        body = orjson.dumps(person)
        headers = key("order 17 of Dana") | {"Content-Type": "application/json"}
        admin.post("/api/users", data=body, headers=headers)

        with app.app_context():
            [row] = db.session.scalars(sa.select(IdempotencyKey))
            stored = repr(vars(row))
        assert row.status == 201
        assert row.request_hash != hashlib.sha256(b"/api/users?\n" + body).hexdigest()
        assert "order 17" not in stored
        assert PASSWORD not in stored


def test_files_lose_their_bytes_only_when_their_deletion_is_committed(
    app: Flask, user: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {"file": (BytesIO(b"content"), "plan.txt")}
    made = user.post("/api/files/upload", data=data)["id"]
    path, body = "/api/files/batch-delete", {"ids": [made]}

    def fail(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(idempotency, "_make_room", fail)
        assert send(user, body=body, path=path)[0] == 500
    assert user.download(f"/api/files/{made}/download") == b"content"

    first = send(user, body=body, path=path)
    assert first[0] == 200
    assert send(user, body=body, path=path) == first
    user.get(f"/api/files/{made}", status=404)
    result = app.test_cli_runner().invoke(args=["files", "gc"])
    assert "Removed 0 unused blobs, 0 orphans" in result.output
