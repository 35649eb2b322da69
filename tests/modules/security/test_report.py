"""The security report: what it finds, how serious that is, and who may read it."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from halolight.modules.auth import throttle
from halolight.modules.auth.models import LoginAttempt
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.modules.files.tree_steps import file, share

REPORT = "/api/security/report"

Finding = tuple[str, str, int]  # severity, status, count


def findings(client: ApiClient) -> dict[int, Finding]:
    issues = client.get(REPORT)["issues"]
    return {each["id"]: (each["severity"], each["status"], each["count"]) for each in issues}


def add_attempts(app: Flask, number: int, account: str, *, minutes: int = 0, **fields: Any) -> None:
    made = utcnow() - dt.timedelta(minutes=minutes)
    of_it = {"kind": throttle.PASSWORD, "account": account, "address": "192.0.2.1"}
    given = of_it | {"created_at": made, "expires_at": made + throttle.LOGINS.window} | fields
    with app.app_context():
        db.session.add_all(LoginAttempt(**given) for _ in range(number))
        db.session.commit()


def test_of_a_new_service_finds_nothing(admin: ApiClient) -> None:
    before = utcnow()

    report = admin.get(REPORT)

    assert (report["issues"], report["score"]) == ([], 100)
    assert dt.datetime.fromisoformat(report["lastScan"]) >= before.replace(microsecond=0)


@pytest.mark.parametrize("role", ["guest", "user"])
def test_is_only_for_those_who_see_the_audit_trail(make: Factory, role: str) -> None:
    make.client(role).get(REPORT, status=403)


class TestFailedSignIns:
    def test_are_counted_until_the_right_password_comes(
        self, admin: ApiClient, anonymous: ApiClient, make: Factory
    ) -> None:
        sent = {"email": make.user().email, "password": "wrong"}
        for _ in range(3):
            anonymous.post("/api/auth/login", json=sent, status=401)

        report = admin.get(REPORT)

        assert report["issues"] == [
            {
                "id": 1,
                "title": "Failed sign-ins in the last 15 minutes: 3",
                "severity": "low",
                "status": "open",
                "count": 3,
            }
        ]
        assert report["score"] == 95
        anonymous.post("/api/auth/login", json=sent | {"password": PASSWORD}, status=200)
        assert findings(admin) == {}

    def test_that_reach_the_limit_are_a_finding_of_their_own(
        self, app: Flask, admin: ApiClient
    ) -> None:
        add_attempts(app, 10, "a")
        add_attempts(app, 9, "b")
        add_attempts(app, 10, "c", minutes=16)

        assert findings(admin) == {1: ("low", "open", 19), 2: ("high", "open", 1)}
        assert admin.get(REPORT)["score"] == 70

    def test_are_no_requests_for_mails(self, admin: ApiClient, anonymous: ApiClient) -> None:
        anonymous.post("/api/auth/forgot-password", json={"email": "a@example.com"}, status=200)

        assert findings(admin) == {}


def test_sessions_that_ended_for_reuse_are_resolved(app: Flask, admin: ApiClient) -> None:
    with app.app_context():
        for days in (1, 29, 31):
            made = utcnow() - dt.timedelta(days=days)
            fields = {"action": "auth.reuse", "target_type": "users", "created_at": made}
            db.session.add(AuditEntry(**fields))
        db.session.commit()

    assert findings(admin) == {3: ("high", "resolved", 2)}
    assert admin.get(REPORT)["score"] == 100


def test_active_accounts_that_nobody_uses_are_found(admin: ApiClient, make: Factory) -> None:
    old, late = utcnow() - dt.timedelta(days=91), utcnow() - dt.timedelta(days=89)
    make.user(created_at=old)
    make.user(created_at=old, last_login_at=old)
    make.user(created_at=old, last_login_at=late)
    make.user(created_at=late)
    make.user(created_at=old, status="SUSPENDED")

    assert findings(admin) == {4: ("medium", "open", 2)}


def test_public_links_are_found_that_anybody_may_use_for_ever(
    admin: ApiClient, user: ApiClient
) -> None:
    protections: list[dict[str, Any]] = [{}, {"password": "Open-1"}, {"expiresIn": 3600}]
    for number, protection in enumerate(protections):
        share(user, file(user, f"{number}.txt")["id"], public=True, **protection)
    share(user, file(user, "shared.txt")["id"], userIds=[admin.user_id])

    assert findings(admin) == {5: ("medium", "open", 1)}
    assert admin.get(REPORT)["score"] == 90
