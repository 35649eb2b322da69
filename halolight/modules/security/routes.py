"""The security report."""

from typing import Any

from halolight.core.http.api import Blueprint

from . import service
from .schemas import SecurityReportSchema

blp = Blueprint("security", __name__, url_prefix="/api/security", description="Security report")


@blp.get("/report")
@blp.require("audit:view")
@blp.response(200, SecurityReportSchema)
def get_security_report() -> dict[str, Any]:
    """Get the security report

    Counts at the time of the call:

    1. sign-ins that failed in the last 15 minutes (low)
    2. accounts that have reached the limit of failed sign-ins (high)
    3. sessions that were ended because a refresh token was used twice, in the last 30 days (high,
       resolved)
    4. active accounts without a sign-in for 90 days, counted from their creation if they have never
       signed in (medium)
    5. public links with neither password nor expiry (medium)

    What is not found is not listed. The score is 100, less 25 for each open finding that is high,
    10 for medium and 5 for low.
    """
    return service.get_security_report()
