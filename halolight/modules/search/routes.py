"""Search: one request over everything."""

from typing import Any

from halolight.core.access import current_user
from halolight.core.http.api import Blueprint

from . import service
from .schemas import SearchQuery, SearchResultSchema

blp = Blueprint("search", __name__, url_prefix="/api/search", description="Search")


@blp.get("")
@blp.authenticated
@blp.arguments(SearchQuery, location="query")
@blp.response(200, SearchResultSchema(many=True))
@blp.fails(403)
def search(query: dict[str, Any]) -> list[dict[str, Any]]:
    """Search everything

    Finds people, documents, files, folders, messages, events and teams that you may view: those
    with all words in the name or title first, then the newest. Returns one page of each type, with
    the number of all that are found. A type that you may not view is left out, or 403 if you ask
    for it. Without `users:view`, people are found as in the directory, by name and username.
    """
    return service.search(current_user(), query)
