"""Analytics: how the service is used."""

from typing import Any

from halolight.core.access import current_user
from halolight.core.http.api import Blueprint

from . import service
from .schemas import AnalyticsSchema

blp = Blueprint(
    "analytics", __name__, url_prefix="/api/analytics", description="How the service is used"
)


@blp.get("")
@blp.require("dashboard:view")
@blp.response(200, AnalyticsSchema)
def get_analytics() -> dict[str, Any]:
    """Get the figures of the last 30 days

    Whole days in UTC, today among them. `kpis` come from the counted visits; `traffic` is the
    number of sign-ins by browser, because nothing else is recorded of where visits come from.
    `regions` are the ten largest departments: no location of users is recorded. With `users:view`
    they count all users, otherwise only you. This call does not count as a visit.
    """
    return service.get_analytics(current_user())
