"""`EMAIL_VERIFICATION`: nobody signs in before the address is confirmed that they gave."""

from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.modules.auth.steps import (
    NEW_PASSWORD,
    all_at_once,
    change_password,
    everything_stored,
    fields,
    login,
    reset_password,
)
from tests.modules.files.steps import upload

A_DAY = 86400
NEW = {"email": "new@example.com", "name": "New"}


@pytest.fixture(autouse=True)
def _verification(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "EMAIL_VERIFICATION", True)


def register(client: ApiClient, email: str = "grace@example.com", **body: Any) -> Any:
    complete = {"email": email, "password": PASSWORD} | body
    return client.post("/api/auth/register", json=complete)


def verify(client: ApiClient, token: str, *, status: int = 200) -> Any:
    return client.post("/api/auth/verify-email", json={"token": token}, status=status)


def resend(client: ApiClient, email: str = "grace@example.com", **kwargs: Any) -> None:
    client.post("/api/auth/resend-verification", json={"email": email}, status=200, **kwargs)


def sent(mailbox: Mailbox) -> list[tuple[str, str]]:
    return [(mail["To"], mail["Subject"]) for mail in mailbox.deliver()]


CONFIRM = ("grace@example.com", "Confirm your email address")


class TestRegistration:
    def test_waits_for_the_link(self, anonymous: ApiClient, mailbox: Mailbox) -> None:
        assert set(register(anonymous).values()) == {None}
        assert sent(mailbox) == [CONFIRM]
        token = mailbox.reset_token()
        link = f"http://localhost:3000/verify-email?token={token}"
        assert link in mailbox.messages[0].get_content()
        login(anonymous, "grace", status=403)

        verify(anonymous, token)

        assert login(anonymous, "grace")["user"]["emailVerified"] is True

    def test_looks_the_same_for_a_taken_name(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        seen = []
        for body in (
            {"email": "grace@example.com"},
            {"email": "ada@example.com"},
            {"email": " ADA@example.com"},
            {"email": "hopper@example.com", "username": "ada"},
            {"email": "ada@example.com", "username": "ada"},
        ):
            register(anonymous, **body)
            seen.append((anonymous.last.data, sorted(anonymous.last.headers.keys())))

        assert all(each == seen[0] for each in seen)

    def test_tells_the_owner_of_a_taken_address(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        register(anonymous, "ada@example.com", password=NEW_PASSWORD)

        assert sent(mailbox) == [("ada@example.com", "You already have an account")]
        login(anonymous, "ada", NEW_PASSWORD, status=401)
        login(anonymous, "ada")

    def test_gives_another_username_for_a_taken_one(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        register(anonymous, username="ada")

        verify(anonymous, mailbox.reset_token())
        username = login(anonymous, "grace@example.com")["user"]["username"]
        assert username.startswith("ada-")
        assert username in mailbox.messages[0].get_content()

    def test_makes_one_account_of_many_tries_at_once(
        self, app: Flask, anonymous: ApiClient
    ) -> None:
        body = {"email": "grace@example.com", "password": PASSWORD}

        def status(_: int) -> int:
            return anonymous.open("POST", "/api/auth/register", json=body).status_code

        assert all_at_once(status, range(5)) == [201] * 5
        with app.app_context():
            assert db.session.scalar(sa.select(sa.func.count(User.id))) == 1

    def test_cannot_be_confirmed_by_oneself(self, anonymous: ApiClient, mailbox: Mailbox) -> None:
        register(anonymous, emailVerified=True, emailVerifiedAt="2026-01-01T00:00:00Z")

        login(anonymous, "grace", status=403)

    def test_is_recorded(self, app: Flask, anonymous: ApiClient, mailbox: Mailbox) -> None:
        register(anonymous)
        verify(anonymous, mailbox.reset_token())

        with app.app_context():
            actions = list(db.session.scalars(sa.select(AuditEntry.action)))
        assert actions == ["auth.register", "auth.verify-email"]


class TestSignIn:
    def test_says_what_is_missing_only_to_who_knows_the_password(
        self, anonymous: ApiClient
    ) -> None:
        register(anonymous)

        unknown = login(anonymous, "nobody@example.com", "a wrong password", status=401)
        assert login(anonymous, "grace", "a wrong password", status=401) == unknown
        assert login(anonymous, "grace", status=403)["code"] == "FORBIDDEN"

    def test_goes_on_for_who_is_signed_in(self, make: Factory) -> None:
        """As when the setting is turned on while people are working."""
        make.client(email_verified_at=None).get("/api/users/me")


class TestRegisteringAgain:
    """The address may be a stranger's: who has the mailbox chooses the password."""

    def test_takes_the_password_from_an_account_that_nobody_has_used(
        self, anonymous: ApiClient, mailbox: Mailbox
    ) -> None:
        register(anonymous, password="of somebody else")
        first = mailbox.reset_token()

        register(anonymous)

        assert verify(anonymous, first, status=400)["code"] == "VALIDATION_ERROR"
        reset_password(anonymous, mailbox.reset_token())
        login(anonymous, "grace", NEW_PASSWORD)
        login(anonymous, "grace", "of somebody else", status=401)

    def test_leaves_an_account_alone_that_somebody_has_used(
        self, app: Flask, anonymous: ApiClient, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "EMAIL_VERIFICATION", False)
        body = {"email": "grace@example.com", "password": PASSWORD}
        anonymous.post("/api/auth/register", json=body)
        monkeypatch.setitem(app.config, "EMAIL_VERIFICATION", True)

        register(anonymous, password=NEW_PASSWORD)

        login(anonymous, "grace", PASSWORD, status=403)  # right, and still to be confirmed


class TestLink:
    @pytest.fixture
    def token(self, anonymous: ApiClient, mailbox: Mailbox) -> str:
        register(anonymous)
        return mailbox.reset_token()

    def test_works_once(self, anonymous: ApiClient, token: str) -> None:
        def status(_: int) -> int:
            body = {"token": token}
            return anonymous.open("POST", "/api/auth/verify-email", json=body).status_code

        assert sorted(all_at_once(status, range(4))) == [200, 400, 400, 400]
        assert fields(verify(anonymous, token, status=400)) == ["token"]

    def test_works_for_a_day(
        self, anonymous: ApiClient, token: str, clock: time_machine.Traveller
    ) -> None:
        clock.shift(A_DAY + 60)

        verify(anonymous, token, status=400)

        login(anonymous, "grace", status=403)

    def test_is_void_when_there_is_a_newer_one(
        self, anonymous: ApiClient, token: str, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        clock.shift(61)
        resend(anonymous)

        newer = mailbox.reset_token()
        assert newer != token
        verify(anonymous, token, status=400)
        verify(anonymous, newer)

    def test_is_kept_as_a_hash(self, app: Flask, token: str) -> None:
        stored = everything_stored(app)

        assert "email_verifications" not in stored
        assert token not in stored
        assert len(token) >= 43  # 256 bits

    def test_sets_no_password(self, anonymous: ApiClient, token: str) -> None:
        reset_password(anonymous, token, status=400)


class TestAskingAgain:
    def test_is_answered_alike_and_mails_who_waits_for_it(
        self, anonymous: ApiClient, ada: User, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        register(anonymous)
        mailbox.deliver()
        clock.shift(61)
        seen = []
        for email in ("grace@example.com", "ada@example.com", "nobody@example.com"):
            resend(anonymous, email)
            seen.append((anonymous.last.data, sorted(anonymous.last.headers.keys())))

        assert all(each == seen[0] for each in seen)
        assert sent(mailbox) == [CONFIRM, CONFIRM]

    def test_is_limited_together_with_links_to_set_a_password(
        self, anonymous: ApiClient, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        register(anonymous)
        for number in range(8):
            mailbox.deliver()
            clock.shift(61)
            resend(anonymous, environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"})

        assert len(mailbox.messages) == 5


class TestNewAddress:
    @pytest.fixture
    def path(self, ada: User) -> str:
        return f"/api/users/{ada.id}"

    def test_counts_once_it_is_confirmed(
        self, admin: ApiClient, anonymous: ApiClient, path: str, mailbox: Mailbox
    ) -> None:
        user = admin.put(path, json={"email": "Lovelace@example.com"})

        assert (user["email"], user["pendingEmail"]) == ("ada@example.com", "lovelace@example.com")
        login(anonymous, "ada@example.com")
        login(anonymous, "lovelace@example.com", status=401)
        assert sent(mailbox) == [("lovelace@example.com", "Confirm your email address")]

        verify(anonymous, mailbox.reset_token())

        login(anonymous, "lovelace@example.com")
        login(anonymous, "ada@example.com", status=401)
        user = admin.get(path)
        assert (user["emailVerified"], user["pendingEmail"]) == (True, None)
        assert sent(mailbox)[1:] == [("ada@example.com", "Your account was changed")]

    def test_is_asked_for_once_while_it_is_the_same(
        self, admin: ApiClient, path: str, mailbox: Mailbox, clock: time_machine.Traveller
    ) -> None:
        for _ in range(3):
            admin.put(path, json={"email": "lovelace@example.com"})
            mailbox.deliver()
            clock.shift(61)

        assert len(mailbox.messages) == 1

    def test_is_withdrawn_by_the_old_one(
        self, admin: ApiClient, anonymous: ApiClient, path: str, mailbox: Mailbox
    ) -> None:
        admin.put(path, json={"email": "lovelace@example.com"})
        token = mailbox.reset_token()

        assert admin.put(path, json={"email": "ada@example.com"})["pendingEmail"] is None

        verify(anonymous, token, status=400)
        login(anonymous, "ada@example.com")

    def test_counts_at_once_when_an_administrator_vouches_for_it(
        self, admin: ApiClient, anonymous: ApiClient, path: str
    ) -> None:
        user = admin.put(path, json={"email": "lovelace@example.com", "emailVerified": True})

        assert (user["email"], user["emailVerified"]) == ("lovelace@example.com", True)
        login(anonymous, "lovelace@example.com")

    def test_that_is_taken_is_refused(
        self, admin: ApiClient, anonymous: ApiClient, make: Factory, path: str, mailbox: Mailbox
    ) -> None:
        make.user(email="grace@example.com")
        error = admin.put(path, json={"email": "grace@example.com"}, status=409)
        assert fields(error) == ["email"]

        admin.put(path, json={"email": "lovelace@example.com"})
        make.user(email="lovelace@example.com")

        assert fields(verify(anonymous, mailbox.reset_token(), status=409)) == ["email"]


class TestAdministrators:
    def test_vouch_for_whom_they_give_a_password(
        self, admin: ApiClient, anonymous: ApiClient, mailbox: Mailbox
    ) -> None:
        user = admin.post("/api/users", json={**NEW, "password": PASSWORD})

        assert user["emailVerified"] is True
        login(anonymous, "new@example.com")
        assert sent(mailbox) == []

    def test_can_have_the_address_confirmed(
        self, admin: ApiClient, anonymous: ApiClient, mailbox: Mailbox
    ) -> None:
        admin.post("/api/users", json={**NEW, "password": PASSWORD, "emailVerified": False})
        login(anonymous, "new@example.com", status=403)

        verify(anonymous, mailbox.reset_token())

        login(anonymous, "new@example.com")

    def test_invite_and_the_link_confirms(
        self, admin: ApiClient, anonymous: ApiClient, mailbox: Mailbox
    ) -> None:
        user = admin.post("/api/users", json=NEW)
        assert user["emailVerified"] is False

        reset_password(anonymous, mailbox.reset_token())

        assert login(anonymous, "new@example.com", NEW_PASSWORD)["user"]["emailVerified"] is True

    def test_mark_an_account_and_unmark_it(
        self, admin: ApiClient, anonymous: ApiClient, ada: User, mailbox: Mailbox
    ) -> None:
        path = f"/api/users/{ada.id}"

        assert admin.put(path, json={"emailVerified": False})["emailVerified"] is False
        login(anonymous, "ada", status=403)
        assert sent(mailbox) == [("ada@example.com", "Confirm your email address")]

        assert admin.put(path, json={"emailVerified": True})["emailVerified"] is True
        login(anonymous, "ada")

    def test_are_the_only_ones(self, make: Factory) -> None:
        user = make.client(email_verified_at=None)

        me = user.put("/api/users/me", json={"emailVerified": True, "email": "x@example.com"})

        assert (me["emailVerified"], me["pendingEmail"]) == (False, None)


class TestUnconfirmedAccount:
    @pytest.fixture
    def client(self, make: Factory) -> ApiClient:
        return make.client(email="stranger@example.com", email_verified_at=None)

    def test_is_told_nothing_by_mail(self, client: ApiClient, mailbox: Mailbox) -> None:
        change_password(client)

        assert sent(mailbox) == []

    def test_may_store_little(
        self, app: Flask, client: ApiClient, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(app.config, "UNVERIFIED_STORAGE_QUOTA", 100)

        upload(client, b"x" * 101, status=413)
        upload(client, b"x" * 90)
        upload(client, b"x" * 11, "more.txt", status=413)
        upload(user, b"x" * 101)

        assert client.get("/api/files/storage")["total"] == 100


class TestWithoutTheSetting:
    @pytest.fixture(autouse=True)
    def _off(self, app: Flask, _verification: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(app.config, "EMAIL_VERIFICATION", False)

    def test_an_address_can_be_confirmed_all_the_same(
        self, anonymous: ApiClient, mailbox: Mailbox
    ) -> None:
        body = {"email": "grace@example.com", "password": PASSWORD}
        user = anonymous.post("/api/auth/register", json=body)["user"]
        assert user["emailVerified"] is False
        assert sent(mailbox) == []

        resend(anonymous)
        verify(anonymous, mailbox.reset_token())

        assert login(anonymous, "grace")["user"]["emailVerified"] is True

    def test_a_new_address_counts_at_once(self, admin: ApiClient, ada: User) -> None:
        user = admin.put(f"/api/users/{ada.id}", json={"email": "lovelace@example.com"})

        assert (user["email"], user["pendingEmail"]) == ("lovelace@example.com", None)
