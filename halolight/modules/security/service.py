"""The security report: what is counted, how serious each finding is, and the score."""

import dataclasses as dc
import datetime as dt
from typing import Any

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.auth.throttle import LOGINS

from .queries import COUNTS

REUSE_PERIOD = dt.timedelta(days=30)
IDLE = dt.timedelta(days=90)

# What an open finding takes from the score of 100, however often it was found.
DEDUCTIONS = {"low": 5, "medium": 10, "high": 25}
STATUSES = ("open", "resolved")


@dc.dataclass(frozen=True)
class Rule:
    """A kind of finding. There is one where its `count` in the statement is not 0."""

    id: int
    count: str
    title: str
    severity: str
    status: str = "open"


RULES = (
    Rule(1, "failed_logins", "Failed sign-ins in the last 15 minutes", "low"),
    Rule(2, "limited_accounts", "Accounts that have reached the limit of failed sign-ins", "high"),
    Rule(3, "reused_tokens", "Sessions ended for a reused token in 30 days", "high", "resolved"),
    Rule(4, "idle_accounts", "Active accounts without a sign-in for 90 days", "medium"),
    Rule(5, "open_links", "Public links without password and expiry", "medium"),
)


def get_security_report() -> dict[str, Any]:
    """The findings at this moment: nothing is stored of a report."""
    now = utcnow()
    counts = db.row(
        COUNTS,
        attempts_since=now - LOGINS.window,
        reuse_since=now - REUSE_PERIOD,
        idle_since=now - IDLE,
    )._asdict()
    found = [rule for rule in RULES if counts[rule.count]]
    return {
        "issues": [_issue(rule, counts[rule.count]) for rule in found],
        "last_scan": now,
        "score": 100 - sum(DEDUCTIONS[r.severity] for r in found if r.status == "open"),
    }


def _issue(rule: Rule, count: int) -> dict[str, Any]:
    shown = {"id": rule.id, "severity": rule.severity, "status": rule.status, "count": count}
    return {**shown, "title": f"{rule.title}: {count}"}
