"""Thousands of entries of the audit trail, and how their list is read."""

from typing import Any

from halolight.modules.audit.models import AuditEntry

MODEL = AuditEntry
PATH = "/api/audit"
INDEX = "ix_audit_entries_created_at_id"
QUERIES = (
    "actorId=1",
    "action=users.1",
    "sortOrder=asc",
    "targetType=kind1",
    "targetId=1",
)


def row(number: int, reader_id: int, other_id: int) -> dict[str, Any]:
    return {
        "actor_id": number % 50,
        "actor_name": "Ada",
        "action": f"users.{number % 20}",
        "target_type": f"kind{number % 20}",
        "target_id": str(number),
        "changes": {},
    }
