"""Reading the audit trail."""

from typing import Any

from halolight.core.db.listing import Page
from halolight.core.http.api import Blueprint
from halolight.core.schemas.base import page_of

from . import service
from .schemas import AuditEntrySchema, AuditQuery

blp = Blueprint("audit", __name__, url_prefix="/api/audit", description="Who changed what")


@blp.get("")
@blp.require("audit:view")
@blp.arguments(AuditQuery, location="query")
@blp.response(200, page_of(AuditEntrySchema))
def list_audit_entries(query: dict[str, Any]) -> Page:
    """List changes

    Each change of state is one entry, written with the change itself: by whom, from where, what it
    was before and after, secrets left out. Nothing can edit it.
    """
    return service.list_audit_entries(query)
