"""Readers get texts in their language: of answers, of mails, of notifications. Codes stay."""

from collections import Counter
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from halolight.core import i18n
from halolight.extensions import db
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
LOGIN, REGISTER = "/api/auth/login", "/api/auth/register"


class TestTheLanguageOfAnAnswer:
    def test_is_what_the_request_prefers(self, user: ApiClient) -> None:
        for header, language in [
            *((None, "en"), ("", "en"), ("en", "en"), ("en-GB", "en"), ("fr", "en"), ("*", "en")),
            *(("zh", "zh"), ("zh-CN", "zh"), ("zh-Hans", "zh"), ("zh_TW", "zh"), ("ZH-cn", "zh")),
            *(("zh-CN,en;q=0.5", "zh"), ("en-US,en;q=0.9,zh;q=0.8", "en"), ("fr,zh;q=0.1", "zh")),
            *(("en;q=0.1,zh", "zh"), ("zh, en", "zh"), ("zh;q=0", "en"), ("en;q=0, *", "zh")),
            *(
                ("zh;q=x", "en"),
                ("zh;" * 20, "zh"),
                (",;q=,;;", "en"),
                ("zh" + ",xx" * 50_000, "en"),
            ),
            ("zh" + ",xx" * 50_000, "en"),
        ]:
            headers = {} if header is None else {"Accept-Language": header}
            answer = user.open("GET", "/api/users/me", headers=headers)
            assert answer.headers["Content-Language"] == language, (header or "")[:40]
            said = {"en": "Operation successful", "zh": "操作成功"}[language]
            assert answer.get_json()["message"] == said

    def test_changes_texts_and_no_codes(self, anonymous: ApiClient, user: ApiClient) -> None:
        """Typical failures, in both languages."""
        long = {"email": "x", "password": "1234", "phone": 5}
        failures: list[tuple[ApiClient, str, str, dict[str, Any], str, str]] = [
            (anonymous, "GET", "/api/users/me", {}, "Please sign in.", "请先登录。"),
            (anonymous, "GET", "/nowhere", {}, "This URL does not exist", "该地址不存在"),
            (user, "GET", "/api/documents/999999", {}, "Document not found.", "文档不存在。"),
            (
                user,
                "DELETE",
                "/api/users/1",
                {},
                "permission users:delete",
                "需要 users:delete 权限",
            ),
            (user, "PUT", "/api/auth/login", {}, "does not support", "不支持此请求方法"),
            (user, "GET", "/api/documents?pageSize=0", {}, "from 1 to 100", "1 到 100 之间"),
            (user, "GET", "/api/documents?sortOrder=up", {}, "asc, desc", "asc、desc"),
            (user, "POST", "/api/documents", {"json": {}}, "This field is required.", "必填项"),
            (user, "POST", "/api/documents", {"data": b"{"}, "not valid JSON", "有效的 JSON"),
            (user, "POST", "/api/documents", {"json": []}, "Send an object.", "此项应为 JSON 对象"),
            (anonymous, "POST", REGISTER, {"json": long}, "Enter an email", "邮箱地址"),
            (anonymous, "POST", REGISTER, {"json": long}, "at least 8 characters", "8 个字符"),
        ]
        for client, method, path, kwargs, english, chinese in failures:
            if "data" in kwargs:
                kwargs = kwargs | {"content_type": "application/json"}
            plain = client.open(method, path, **kwargs)
            told = client.open(method, path, headers=CHINESE, **kwargs)
            assert plain.status_code == told.status_code >= 400
            assert plain.headers["Content-Language"] == "en", path
            assert told.headers["Content-Language"] == "zh", path
            assert english in plain.text, plain.text
            assert chinese in told.text, told.text
            assert codes(plain.get_json()) == codes(told.get_json())
            texts = told.get_json()["error"]["message"], *messages(told.get_json())
            assert all(not text.isascii() for text in texts), texts

    def test_is_kept_apart_by_caches(self, user: ApiClient) -> None:
        """The `ETag` differs, and `Vary` says why; a change needs that of either."""
        origin = {"Origin": "http://localhost:3000"}
        made = user.post("/api/documents", json={"title": "Plan"})
        path = f"/api/documents/{made['id']}"
        user.get(path)
        english = user.last
        user.get(path, headers=CHINESE)
        chinese = user.last
        for answer in (english, chinese, user.open("GET", "/api/documents/9", headers=origin)):
            assert answer.headers.getlist("Vary") == ["Origin, Accept-Language"]
        assert english.headers["ETag"] != chinese.headers["ETag"]

        same = {"If-None-Match": chinese.headers["ETag"]}
        assert user.open("GET", path, headers=CHINESE | same).status_code == 304
        assert user.open("GET", path, headers=same).status_code == 200
        match = {"If-Match": chinese.headers["ETag"]}
        user.put(path, json={"title": "Plan B"}, headers=match)
        user.put(path, json={"title": "Plan C"}, headers=match, status=412)

    def test_is_that_of_a_front_end_too(self, user: ApiClient) -> None:
        """The dialects pass texts on, and what they refuse themselves they translate."""
        for path in ("/next/api/documents/999999", "/vue/api/users/me"):
            answer = user.open("GET", path, headers=CHINESE)
            assert answer.headers["Content-Language"] == "zh", path
            assert not answer.get_json()["message"].isascii(), path


def codes(body: Any) -> list[tuple[str, str]]:
    error = body["error"]
    return [(error["code"], ""), *((d["field"], d["code"]) for d in error["details"])]


def messages(body: Any) -> list[str]:
    return [detail["message"] for detail in body["error"]["details"]]


def test_limits_say_when_to_try_again(
    anonymous: ApiClient, make: Factory, clock: Traveller
) -> None:
    make.user(email="ada@example.com")
    body = {"email": "ada@example.com", "password": "wrong"}
    for _ in range(10):
        anonymous.post(LOGIN, json=body, status=401)
    clock.shift(3 * 60)

    error = anonymous.post(LOGIN, json=body, status=429)
    assert error["message"] == "Too many failed sign-ins. Try again in 12 minutes."
    assert 0 < 12 * 60 - int(anonymous.last.headers["Retry-After"]) + 60 <= 120
    error = anonymous.post(LOGIN, json=body, status=429, headers=CHINESE)
    assert error["message"] == "登录失败次数过多，请在 12 分钟后重试。"

    texts = [str(i18n.duration(seconds)) for seconds in (0.2, 1, 90, 91, 60 * 90, 60 * 91)]
    assert texts == ["1 second", "1 second", "90 seconds", "2 minutes", "90 minutes", "2 hours"]


class TestTheLanguageOfWhatIsSent:
    def test_is_that_of_who_receives_it(
        self, app: Flask, make: Factory, anonymous: ApiClient, mailbox: Mailbox
    ) -> None:
        """It is remembered at each sign-in; what the sender speaks makes no difference."""
        ada = make.user(email="ada@example.com", name="Ada")
        ben = make.user(email="ben@example.com", name="Ben")
        for email, headers in (("ada@example.com", CHINESE), ("ben@example.com", {})):
            body = {"email": email, "password": PASSWORD}
            anonymous.post(LOGIN, json=body, status=200, headers=headers)
            anonymous.post("/api/auth/forgot-password", json={"email": email}, status=200)
        mails = {mail["To"]: mail for mail in mailbox.deliver()}
        assert mails["ada@example.com"]["Subject"] == "重设密码"
        assert mails["ada@example.com"]["Content-Language"] == "zh"
        assert "Ada，您好：" in mails["ada@example.com"].get_content()
        assert mails["ben@example.com"]["Subject"] == "Set a new password"

        sender = make.client("admin", name="Cleo")
        event = {"title": "Review", "start": "2031-01-01T09:00:00Z"}
        sender.post("/api/calendar/events", json={**event, "attendeeIds": [ada.id, ben.id]})
        texts = [notifications(make.sign_in(each.id))[0] for each in (ada, ben)]
        assert texts == [
            ("您收到日程邀请", "Cleo 邀请您参加“Review”（2031-01-01 09:00 UTC）。"),
            (
                "You are invited to an event",
                "Cleo invited you to “Review”, 2031-01-01 09:00 UTC.",
            ),
        ]

    def test_to_many_is_that_of_each(self, app: Flask, make: Factory, admin: ApiClient) -> None:
        """One statement for all holders of a role; a text that somebody wrote stays as it is."""
        make.client("super_admin").post("/api/roles", json={"name": "staff", "label": "Staff"})
        readers = [make.user("staff", language=each) for each in ("zh", "en", None)]
        root = make.client("super_admin")
        root.put("/api/roles/staff", json={"permissions": ["notifications:view"]})
        root.post("/api/notifications", json={"title": "Cake", "role": "staff"})
        titles = [[title for title, _ in notifications(make.sign_in(each.id))] for each in readers]
        assert titles == [
            ["Cake", "您的权限已变更"],
            *2 * [["Cake", "Your permissions have changed"]],
        ]

    def test_has_a_default(
        self,
        app: Flask,
        anonymous: ApiClient,
        mailbox: Mailbox,
        make: Factory,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """For users who have not signed in with one of the languages."""
        monkeypatch.setitem(app.config, "DEFAULT_LANGUAGE", "zh")
        make.client("admin").post("/api/users", json={"email": "new@example.com", "name": "Neu"})
        body = {"email": "eve@example.com", "password": "a long passphrase"}
        anonymous.post(REGISTER, json=body, headers={"Accept-Language": "en"})
        anonymous.post("/api/auth/forgot-password", json={"email": body["email"]}, status=200)
        subjects = Counter(mail["Subject"] for mail in mailbox.deliver())
        assert subjects == {"欢迎使用 HaloLight": 1, "Set a new password": 1}
        with app.app_context():
            spoken = db.session.query(User.email, User.language).filter(User.email.like("%e%@%"))
            assert ("eve@example.com", "en") in {tuple(row) for row in spoken}


def notifications(client: ApiClient) -> list[tuple[str, str]]:
    items = client.get("/api/notifications")["items"]
    return [(item["title"], item["content"]) for item in items]


def test_a_message_is_english_outside_of_a_request() -> None:
    """Commands and logs show it as it is; values may be messages themselves."""
    inner = i18n.plural("{count} minute", "{count} minutes", count=1)
    message = i18n.Message("Too many requests. Try again in {time}.").format(time=inner)
    assert message == str(message) == "Too many requests. Try again in 1 minute."
    assert message.in_language("zh") == "请求过于频繁，请在 1 分钟后重试。"
    # In a context of its own: this one may hold the request of another test.
    assert Context().run(i18n.for_caller, message) == message
    named = i18n.Message("{noun} not found.", values={"noun": "{noun!r:>1000000000}"})
    assert named.in_language("zh") == "{noun!r:>1000000000}不存在。"
