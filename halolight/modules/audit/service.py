"""What can be done with the audit trail: read it."""

from collections.abc import Mapping
from typing import Any

from halolight.core.db.listing import EVERYTHING, Page

from .queries import ENTRIES


def list_audit_entries(query: Mapping[str, Any]) -> Page:
    return ENTRIES.page(query, EVERYTHING)
