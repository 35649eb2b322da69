"""A document, with all that belongs to it, for the tests of the whole API."""

from typing import Any

from halolight.extensions import db
from halolight.modules.documents.models import (
    Document,
    DocumentShare,
    DocumentTag,
    DocumentVersion,
)

AFTER = ("teams",)


def add(known: dict[str, Any]) -> dict[str, Any]:
    owner_id = known["owner_id"]
    document = Document(title="Plan", content="text", type="plan", size=4, author_id=owner_id)
    db.session.add(document)
    db.session.flush()
    of_it = {"document_id": document.id}
    db.session.add_all(
        [
            DocumentTag(**of_it, name="draft"),
            DocumentVersion(**of_it, number=1, content="text", size=4, author_id=owner_id),
            DocumentShare(**of_it, user_id=known["user_id"], permission="VIEW"),
            DocumentShare(**of_it, team_id=known["team_id"], permission="EDIT"),
        ]
    )
    db.session.flush()
    return of_it
