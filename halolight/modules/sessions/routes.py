"""The sessions of the signed-in user."""

from collections.abc import Sequence

from halolight.core.access import current_user
from halolight.core.db.reads import Row
from halolight.core.http.api import Blueprint
from halolight.core.i18n import _

from . import service
from .schemas import SessionSchema

blp = Blueprint("sessions", __name__, url_prefix="/api/auth/sessions", description="Your sessions")


@blp.get("")
@blp.authenticated
@blp.response(200, SessionSchema(many=True))
def list_sessions() -> Sequence[Row]:
    """List your sessions"""
    return service.list_sessions(current_user())


@blp.delete("/<int:session_id>")
@blp.authenticated
@blp.response(200, message=_("Session ended"))
@blp.fails(404)
def end_session(session_id: int) -> None:
    """End one of your sessions"""
    service.end_session(current_user(), session_id)
