"""Nothing tells which accounts exist: what is refused depends on what was typed alone."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.mailbox import Mailbox
from tests.modules.auth.steps import forgot_password, login, reset_password

WRONG = "a wrong password"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
KNOWN, UNKNOWN = ("grace@example.com", "grace"), ("nobody@example.com", "nobody")
FULL_WIDTH = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(ord("a"), ord("z") + 1)})

# How often which name is tried, and how every other one is spelled: 0 is the mail address, 1 the
# username.
SEQUENCES: list[tuple[Callable[[str], str], list[tuple[int, int]]]] = [
    (str.lower, [(0, 10), (1, 1)]),
    (str.upper, [(1, 10), (0, 1)]),
    (str.title, [(0, 6), (1, 6), (0, 6), (1, 6)]),
    (lambda name: name.translate(FULL_WIDTH), [(0, 12), (1, 12), (0, 1)]),
]


@pytest.fixture(autouse=True)
def grace(make: Factory) -> User:
    return make.user(email="grace@example.com", username="grace")


def outcomes(client: ApiClient, names: list[str]) -> list[Any]:
    """What each of these sign-ins with a wrong password is answered."""
    found = []
    for name in names:
        body = {"email": name, "password": WRONG}
        response = client.open("POST", "/api/auth/login", json=body)
        wait = int(response.headers.get("Retry-After", 0)) > 800
        found.append((response.status_code, response.json, wait))
    return found


@pytest.mark.parametrize(("spell", "sequence"), SEQUENCES)
def test_every_sequence_of_sign_ins(
    anonymous: ApiClient, spell: Callable[[str], str], sequence: list[tuple[int, int]]
) -> None:
    def played(names: tuple[str, str]) -> list[Any]:
        tried = [names[which] for which, times in sequence for _ in range(times)]
        return outcomes(anonymous, [spell(n) if i % 2 else n for i, n in enumerate(tried)])

    known, unknown = played(KNOWN), played(UNKNOWN)

    assert known == unknown
    assert {status for status, *_ in known} >= {401}


class TestAccountWithManyFailures:
    """They count for the account, too, whatever name was typed: silently."""

    def test_by_one_name_refuses_the_right_password_by_the_other(
        self, anonymous: ApiClient
    ) -> None:
        for _ in range(10):
            login(anonymous, "grace@example.com", WRONG, status=401)

        login(anonymous, "grace", PASSWORD, status=401)

    def test_by_both_names_refuses_the_right_password(self, anonymous: ApiClient) -> None:
        for name in KNOWN * 5:
            login(anonymous, name, WRONG, status=401)

        login(anonymous, "grace", PASSWORD, status=401)

    def test_is_free_again_after_fifteen_minutes(
        self, anonymous: ApiClient, clock: time_machine.Traveller
    ) -> None:
        for name in KNOWN * 5:
            login(anonymous, name, WRONG, status=401)
        clock.shift(15 * 60 + 1)

        login(anonymous, "grace")


class TestSuccess:
    """It lifts the limit where it happened. Elsewhere nobody notices it."""

    def test_of_a_sign_in(self, anonymous: ApiClient) -> None:
        for name in (KNOWN[0], UNKNOWN[0]):
            for _ in range(9):
                login(anonymous, name, WRONG, status=401, environ_overrides=ELSEWHERE)

        login(anonymous, "grace")

        for name in (KNOWN[0], UNKNOWN[0]):
            login(anonymous, name, WRONG, status=401, environ_overrides=ELSEWHERE)
            login(anonymous, name, WRONG, status=429, environ_overrides=ELSEWHERE)

    def test_of_a_reset(self, anonymous: ApiClient, mailbox: Mailbox) -> None:
        for _ in range(10):
            login(anonymous, "grace", WRONG, status=401, environ_overrides=ELSEWHERE)
        login(anonymous, "grace", status=429)
        forgot_password(anonymous, "grace@example.com")

        reset_password(anonymous, mailbox.reset_token(), "a sentence of mine")

        login(anonymous, "grace", "a sentence of mine")
        login(anonymous, "grace", "a sentence of mine", status=429, environ_overrides=ELSEWHERE)

    def test_cannot_be_claimed_by_typing(self, anonymous: ApiClient) -> None:
        """What is kept of a success is a row like that of an attempt, under another kind."""
        for _ in range(10):
            login(anonymous, "grace", WRONG, status=401)
        hashed = hashlib.sha256(b"grace").hexdigest()
        login(anonymous, f"success {hashed} 127.0.0.1", WRONG, status=401)

        login(anonymous, "grace", status=429)


class TestFailuresOfWhoIsGone:
    def test_do_not_lock_out_who_comes_later(self, anonymous: ApiClient, admin: ApiClient) -> None:
        old = anonymous.post(
            "/api/auth/register", json={"email": "old@example.com", "password": PASSWORD}
        )
        for _ in range(10):
            login(anonymous, "old", WRONG, status=401)
        admin.delete(f"/api/users/{old['user']['id']}")

        anonymous.post(
            "/api/auth/register", json={"email": "old@example.com", "password": PASSWORD}
        )

        login(anonymous, "old")


class TestAskingForMail:
    def test_is_limited_alike(self, anonymous: ApiClient) -> None:
        """Also the mail address that nobody has, and in any spelling."""
        answers = []
        for email in ("grace@example.com", "nobody@example.com"):
            for number in range(8):
                address = {"REMOTE_ADDR": f"192.0.2.{number}"}
                spelled = email.upper() if number % 2 else email
                forgot_password(anonymous, spelled, environ_overrides=address)
                answers.append((anonymous.last.data, sorted(anonymous.last.headers.keys())))

        assert all(answer == answers[0] for answer in answers)


class TestAddresses:
    @pytest.mark.parametrize(
        ("addresses", "status"),
        [
            (["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:0DB8:1:2:0::"], 429),
            (["2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:4::1"], 401),
            (["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"], 429),
            (["192.0.2.1", "192.0.2.2", "::ffff:192.0.2.3"], 401),
            (["fe80::1%eth0", "fe80::2%eth1", "fe80::3"], 429),
        ],
    )
    def test_of_one_network_count_together(
        self, anonymous: ApiClient, addresses: list[str], status: int
    ) -> None:
        for number in range(50):
            address = {"REMOTE_ADDR": addresses[number % 2]}
            login(anonymous, f"somebody{number}", WRONG, status=401, environ_overrides=address)

        login(anonymous, "x", WRONG, status=status, environ_overrides={"REMOTE_ADDR": addresses[2]})
