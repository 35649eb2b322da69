"""What is read of the audit trail."""

import sqlalchemy as sa

from halolight.core.db.listing import Listing
from halolight.extensions import db

from .models import AuditEntry

ENTRIES = Listing(
    db,
    AuditEntry,
    sa.select(
        AuditEntry.id,
        AuditEntry.actor_id,
        AuditEntry.actor_name,
        AuditEntry.action,
        AuditEntry.target_type,
        AuditEntry.target_id,
        AuditEntry.target_name,
        AuditEntry.changes,
        AuditEntry.ip,
        AuditEntry.user_agent,
        AuditEntry.request_id,
        AuditEntry.created_at,
    ),
    {
        "actor_id": AuditEntry.actor_id == sa.bindparam("actor_id"),
        "action": AuditEntry.action == sa.bindparam("action"),
        "target_type": AuditEntry.target_type == sa.bindparam("target_type"),
        "target_id": AuditEntry.target_id == sa.bindparam("target_id"),
        "since": AuditEntry.created_at >= sa.bindparam("since"),
        "until": AuditEntry.created_at < sa.bindparam("until"),
    },
)
