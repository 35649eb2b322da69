"""Mail servers: TLS before anything secret, with a certificate that is verified."""

import smtplib
import ssl
from email.message import EmailMessage
from typing import Any

import pytest

from halolight.core.background import mail


class Double:
    """A connection to a mail server: what was said on it, in order."""

    said: list[Any]
    offers_tls = True

    def __init__(self, host: str, port: int, *, context: Any = None, **_: Any) -> None:
        self.sock: Any = ssl.SSLSocket.__new__(ssl.SSLSocket) if context else object()
        type(self).said = [("connect", host, port, context)]

    def __enter__(self) -> "Double":
        return self

    def __exit__(self, *_: object) -> None:
        self.said.append(("quit",))

    def ehlo(self) -> None:
        self.said.append(("ehlo",))

    def has_extn(self, name: str) -> bool:
        return name == "starttls" and self.offers_tls

    def starttls(self, *, context: ssl.SSLContext) -> None:
        self.sock = ssl.SSLSocket.__new__(ssl.SSLSocket)
        self.said.append(("starttls", context))

    def login(self, user: str, password: str) -> None:
        self.said.append(("login", user, password))

    def send_message(self, message: EmailMessage) -> None:
        self.said.append(("send", message["From"]))


class WithoutTls(Double):
    offers_tls = False


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtplib, "SMTP", Double)
    monkeypatch.setattr(smtplib, "SMTP_SSL", Double)


def send(url: str) -> None:
    message = EmailMessage()
    message["To"] = "ada@example.com"
    mail.send_by_smtp(url, message)


def steps(double: type[Double] = Double) -> list[str]:
    return [step[0] for step in double.said]


def verifies(context: ssl.SSLContext) -> bool:
    return context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname


class TestStartTls:
    def test_comes_before_the_password(self) -> None:
        send("smtp://ada:pass%20word@mail.example.com:587?from=us@example.com")

        assert steps() == ["connect", "ehlo", "starttls", "login", "send", "quit"]
        assert Double.said[0][1:3] == ("mail.example.com", 587)
        assert ("login", "ada", "pass word") in Double.said
        assert ("send", "us@example.com") in Double.said

    def test_verifies_the_certificate(self) -> None:
        send("smtp://mail.example.com")

        [context] = [step[1] for step in Double.said if step[0] == "starttls"]
        assert verifies(context)

    def test_is_needed_for_a_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(smtplib, "SMTP", WithoutTls)

        with pytest.raises(smtplib.SMTPException, match="no TLS"):
            send("smtp://ada:secret@mail.example.com")

        assert "login" not in steps(WithoutTls)
        assert "send" not in steps(WithoutTls)

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
    def test_is_not_needed_on_this_machine(
        self, monkeypatch: pytest.MonkeyPatch, host: str
    ) -> None:
        monkeypatch.setattr(smtplib, "SMTP", WithoutTls)

        send(f"smtp://ada:secret@{host}")

        assert steps(WithoutTls) == ["connect", "ehlo", "login", "send", "quit"]

    def test_is_not_needed_without_a_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(smtplib, "SMTP", WithoutTls)

        send("smtp://mail.example.com")

        assert steps(WithoutTls) == ["connect", "ehlo", "send", "quit"]


class TestSmtps:
    def test_has_tls_from_the_beginning(self) -> None:
        send("smtps://ada:secret@mail.example.com")

        assert steps() == ["connect", "login", "send", "quit"]
        assert verifies(Double.said[0][3])
