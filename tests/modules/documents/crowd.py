"""Thousands of documents, and how their list is read."""

from typing import Any

from halolight.modules.documents.models import Document

MODEL = Document
PATH = "/api/documents"
INDEX = "ix_documents_updated_at_id"
QUERIES = (
    "sortBy=createdAt",
    "sortBy=title",
    "type=plan",
    "folder=a",
    "authorId=1",
)


def row(number: int, reader_id: int, other_id: int) -> dict[str, Any]:
    return {
        "title": f"Document {number}",
        "content": "text " * 20,
        "type": "plan",
        "version": 1,
        "author_id": reader_id,
    }
