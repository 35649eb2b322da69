"""What the tests of the search do again and again."""

from typing import Any

from tests.api_client import ApiClient

SEARCH = "/api/search"
TYPES = ("people", "documents", "files", "folders", "messages", "events", "teams")


def search(client: ApiClient, q: str, **query: Any) -> dict[str, dict[str, Any]]:
    """The page of each type."""
    results = client.get(SEARCH, query_string={"q": q, **query})
    return {result["type"]: result for result in results}


def found(client: ApiClient, q: str, **query: Any) -> dict[str, list[Any]]:
    """The ids of each type that has any."""
    pages = search(client, q, **query)
    ids = {name: [item["id"] for item in page["items"]] for name, page in pages.items()}
    return {name: each for name, each in ids.items() if each}


def titles(client: ApiClient, q: str, **query: Any) -> list[str]:
    """The titles of the documents, in their order."""
    page = search(client, q, types="documents", **query)["documents"]
    return [item["title"] for item in page["items"]]


def marked(segments: list[dict[str, Any]]) -> str:
    """A text with its matches in brackets."""
    return "".join(f"[{each['text']}]" if each["match"] else each["text"] for each in segments)
