"""What the tests of the audit trail do again and again."""

from typing import Any

import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.audit.models import AuditEntry
from tests.api_client import ApiClient


def entries(client: ApiClient, query: str = "") -> list[dict[str, Any]]:
    """What the trail shows, the newest first."""
    items: list[dict[str, Any]] = client.get(f"/api/audit?pageSize=100&{query}")["items"]
    return items


def actions(client: ApiClient, query: str = "") -> list[str]:
    return [entry["action"] for entry in entries(client, query)]


def recorded(app: Flask) -> list[AuditEntry]:
    """The rows themselves, the oldest first."""
    with app.app_context():
        return list(db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))
