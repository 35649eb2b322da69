"""Mail addresses and passwords in all their spellings: one account, one password, one mailbox."""

import unicodedata
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from halolight.core import passwords
from halolight.core.background import mail
from halolight.extensions import db
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.modules.auth.steps import change_password, fields, forgot_password, login, reset_password

MUNICH = "ada@münchen.de"
SPELLINGS = [
    MUNICH,
    "ADA@MÜNCHEN.DE",
    "ada@mu\u0308nchen.de",
    "ada@xn--mnchen-3ya.de",
    "Ada@XN--MNCHEN-3YA.de",
    "ada@mün\u00adchen.de",
    "\uff41\uff44\uff41@münchen.de",
    "ada\uff20münchen。de",
]
COMPOSED = "p\xe4ssw\xf6rter sind lang"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


def register(client: ApiClient, email: str, *, status: int = 201, **body: Any) -> Any:
    complete = {"email": email, "password": PASSWORD, **body}
    return client.post("/api/auth/register", json=complete, status=status)


class TestAddresses:
    def test_of_an_internationalised_domain_are_one_account(self, anonymous: ApiClient) -> None:
        user = register(anonymous, MUNICH, username="ada")["user"]

        assert user["email"] == MUNICH
        for spelling in SPELLINGS:
            assert login(anonymous, spelling)["user"]["id"] == user["id"], spelling
            assert fields(register(anonymous, spelling, status=409)) == ["email"], spelling

    def test_are_one_for_administrators_as_well(self, admin: ApiClient, make: Factory) -> None:
        make.user(email=MUNICH)
        other = make.user()

        for spelling in SPELLINGS:
            body = {"email": spelling, "name": "Ada"}
            admin.post("/api/users", json=body, status=409)
            admin.put(f"/api/users/{other.id}", json={"email": spelling}, status=409)

    def test_that_differ_before_the_at_sign_are_several(self, anonymous: ApiClient) -> None:
        ids = {
            register(anonymous, f"{name}@example.org")["user"]["id"] for name in ("jose", "josé")
        }

        assert len(ids) == 2

    def test_of_domains_that_only_look_alike_are_several(self, anonymous: ApiClient) -> None:
        addresses = ("ada@strasse.de", "ada@straße.de")

        assert [register(anonymous, each)["user"]["email"] for each in addresses] == [*addresses]

    @pytest.mark.parametrize("address", [f"{'x' * 65}@example.com", f"a@{'x' * 64}.com"])
    def test_that_are_too_long_are_refused(self, anonymous: ApiClient, address: str) -> None:
        assert fields(register(anonymous, address, status=400)) == ["email"]

    def test_are_searched_without_accents(self, admin: ApiClient, make: Factory) -> None:
        make.user(email=MUNICH)

        for search in ("munchen", "MÜNCHEN", "mu\u0308nchen"):
            assert admin.get("/api/users", query_string={"search": search})["total"] == 1, search

    def test_are_found_whole_in_the_directory(self, user: ApiClient, make: Factory) -> None:
        ada = make.user(email=MUNICH, name="Ada")
        path = "/api/users/directory"

        for spelling in SPELLINGS:
            found = user.get(path, query_string={"search": spelling})["items"]
            assert [each["id"] for each in found] == [ada.id], spelling
        assert user.get(path, query_string={"search": "münchen.de"})["total"] == 0

    def test_of_internationalised_domains_get_their_mail_in_ascii(
        self, anonymous: ApiClient, make: Factory, mailbox: Mailbox
    ) -> None:
        make.user(email=MUNICH)

        forgot_password(anonymous, "ada@MÜNCHEN.de")

        [message] = mailbox.deliver()
        assert message["To"] == "ada@xn--mnchen-3ya.de"
        message.as_bytes().decode("ascii")
        reset_password(anonymous, mailbox.reset_token())
        login(anonymous, MUNICH, "a quite different sentence")


def test_a_sender_with_an_internationalised_domain_is_written_in_ascii(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[EmailMessage] = []

    class Server:
        sock = None

        def __init__(self, *_: object, **__: object) -> None: ...
        def __enter__(self) -> "Server":
            return self

        def __exit__(self, *_: object) -> None: ...
        def ehlo(self) -> None: ...
        def has_extn(self, _: str) -> bool:
            return False

        def send_message(self, message: EmailMessage) -> None:
            sent.append(message)

    monkeypatch.setattr("smtplib.SMTP", Server)
    message = mail.compose(MUNICH, "Hello", "Text")

    mail.send_by_smtp("smtp://mail.example?from=HaloLight+<a@m%C3%BCnchen.de>", message)

    assert sent[0]["From"] == "HaloLight <a@xn--mnchen-3ya.de>"
    assert sent[0]["To"] == "ada@xn--mnchen-3ya.de"


class TestPasswords:
    @pytest.mark.parametrize(("chosen", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
    def test_are_compared_in_one_form(self, anonymous: ApiClient, chosen: str, typed: str) -> None:
        register(anonymous, "grace@example.com", password=chosen)

        for password in (chosen, typed):
            tokens = login(anonymous, "grace@example.com", password)
        client = ApiClient(anonymous.app, tokens["accessToken"])
        change_password(client, typed, "another good sentence")
        login(anonymous, "grace@example.com", chosen, status=401)

    def test_that_were_hashed_in_another_form_still_open(
        self, app: Flask, anonymous: ApiClient, make: Factory
    ) -> None:
        ada = make.user(email="ada@example.com")
        with app.app_context():
            user = db.session.get_one(User, ada.id)
            user.hashed_password = passwords._hasher.hash(DECOMPOSED)
            db.session.commit()

        tokens = login(anonymous, "ada@example.com", DECOMPOSED)
        login(anonymous, "ada@example.com", COMPOSED, status=401)
        change_password(ApiClient(app, tokens["accessToken"]), DECOMPOSED, COMPOSED)
        login(anonymous, "ada@example.com", DECOMPOSED)

    def test_of_a_link_are_compared_in_one_form(self) -> None:
        hashed = passwords.hash_password(DECOMPOSED)

        assert passwords.verify_password(COMPOSED, hashed)
        assert not passwords.verify_password(COMPOSED, None)
        assert not passwords.verify_password(DECOMPOSED + "x", hashed)

    def test_take_as_long_for_nobody_as_for_somebody(
        self, anonymous: ApiClient, make: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make.user(email="ada@example.com")
        tried: list[str] = []
        verify = passwords._verify

        def counted(hashed: str | None, password: str) -> bool:
            tried.append(password)
            return verify(hashed, password)

        monkeypatch.setattr(passwords, "_verify", counted)
        for email in ("ada@example.com", "nobody@example.com"):
            login(anonymous, email, DECOMPOSED, status=401)

        assert tried == [COMPOSED, DECOMPOSED] * 2
