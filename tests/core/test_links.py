"""The `Link` headers of pages (RFC 8288), as a client reads them."""

from urllib.parse import urljoin

import pytest
from werkzeug.http import parse_options_header

from halolight.core.db import listing
from halolight.modules.documents.queries import DOCUMENT_LISTING
from tests.api_client import ApiClient
from tests.contract.operations import OPERATIONS, Operation, furnish, resolve
from tests.factories import Factory

URL = "https://api.example.com/mounted/api/documents"


def links(client: ApiClient) -> dict[str, str]:
    """The references of the last response, by relation, as they are written."""
    found = {}
    for link in filter(None, client.last.headers.get("Link", "").split(", ")):
        address, options = parse_options_header(link)
        found[options["rel"]] = address.removeprefix("<").removesuffix(">")
    return found


@pytest.fixture
def author(user: ApiClient) -> ApiClient:
    for number in range(5):
        user.post("/api/documents", json={"title": f"Plan {number}", "folder": "Größe & <Zahl>"})
    return user


class TestLinks:
    def test_lead_from_page_to_page(self, author: ApiClient) -> None:
        seen, address = [], "?pageSize=2"
        while address:
            page = author.get(f"/api/documents{address}")
            seen += [item["id"] for item in page["items"]]
            address = links(author).get("next", "")

        assert len(seen) == len(set(seen)) == 5

    def test_have_no_last_page_where_the_total_is_not_exact(
        self, author: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listing, "COUNTED", 3)
        monkeypatch.setattr(DOCUMENT_LISTING, "_statements", {})
        address, seen, marks = "?pageSize=2&folder=Größe %26 <Zahl>", [], []
        while address:
            page = author.get(f"/api/documents{address}")
            seen += [item["id"] for item in page["items"]]
            marks.append((page["total"], page.get("totalIsExact"), "last" in links(author)))
            address = links(author).get("next", "")

        assert marks == [(4, False, False), (5, False, False), (5, None, True)]
        assert len(set(seen)) == 5

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", {"first": 1, "last": 1}),
            ("?pageSize=2", {"first": 1, "next": 2, "last": 3}),
            ("?page=2&pageSize=2", {"first": 1, "prev": 1, "next": 3, "last": 3}),
            ("?pageSize=2&page=3", {"first": 1, "prev": 2, "last": 3}),
            ("?pageSize=2&page=9", {"first": 1, "prev": 3, "last": 3}),
            ("?search=nothing", {"first": 1, "last": 1}),
            ("?search=nothing&page=4", {"first": 1, "prev": 1, "last": 1}),
        ],
    )
    def test_are_of_the_pages_that_there_are(
        self, author: ApiClient, query: str, expected: dict[str, int]
    ) -> None:
        author.get(f"/api/documents{query}")
        found = links(author)

        assert {name: number(address) for name, address in found.items()} == expected
        for name, address in found.items():
            assert author.get(f"/api/documents{address}")["page"] == expected[name]

    def test_keep_the_rest_of_the_query(self, author: ApiClient) -> None:
        folder = "Gr%C3%B6%C3%9Fe+%26+%3CZahl%3E"
        author.get(f"/api/documents?limit=2&folder={folder}&sortBy=title&sortOrder=desc")
        for _ in range(2):
            rest = f"&limit=2&folder={folder}&sortBy=title&sortOrder=desc"
            assert links(author)["next"] == f"?page=2{rest}"
            assert urljoin(f"{URL}?x=1", links(author)["next"]) == f"{URL}?page=2{rest}"
        [item] = author.get(f"/api/documents{links(author)['last']}")["items"]
        assert item["title"] == "Plan 0"

    @pytest.mark.parametrize("name", ["%70age", "page"])
    def test_name_the_page_once_as_far_as_it_counts(self, author: ApiClient, name: str) -> None:
        author.get(f"/api/documents?pageSize=2&{name}=2&page=3")

        assert author.get(f"/api/documents{links(author)['first']}")["page"] == 1

    def test_cannot_be_forged_by_a_query(self, author: ApiClient) -> None:
        """Who follows them sends a token along."""
        evil = '>; rel="next", <https://evil.example/?x="\\\r\n\tä,;'
        query = f"pageSize=2&x={evil}".encode().decode("latin-1")  # as WSGI has it
        response = author.open("GET", "/api/documents", environ_overrides={"QUERY_STRING": query})

        assert response.status_code == 200
        sent = response.headers["Link"]
        assert sent.count(",") == 2
        assert sent.count("<") == sent.count(">") == len(links(author)) == 3
        assert sent.isascii()
        assert sent.isprintable()
        assert all(address.startswith("?page=") for address in links(author).values())

    def test_are_not_sent_of_a_long_query(self, author: ApiClient) -> None:
        author.get(f"/api/documents?x={'x' * 497}")
        assert len(author.last.headers["Link"]) < 2048
        for long in ("x" * 498, "ä" * 100):  # which is encoded as six characters each
            author.get(f"/api/documents?x={long}")
            assert "Link" not in author.last.headers

    def test_are_sent_with_every_page_and_nothing_else(self, make: Factory) -> None:
        owner_id, rows = furnish(make)
        client = make.sign_in(owner_id)
        admin = make.client("super_admin")
        wrong = []
        for operation in (o for o in OPERATIONS if o.method == "GET" and o.permission is not None):
            for each in (client, admin):
                query = operation.required_query({"search": "sample"} | rows)
                answer = each.open("GET", operation.url(rows), query_string=query)
                if answer.status_code == 200 and ("Link" in answer.headers) != paged(operation):
                    wrong.append(str(operation))

        assert wrong == []
        assert sum(map(paged, OPERATIONS)) > 10


def number(address: str) -> int:
    return int(address.removeprefix("?page=").partition("&")[0])


def paged(operation: Operation) -> bool:
    success = operation.definition["responses"].get("200", {})
    documented = "Link" in success.get("headers", {})
    schema = success.get("content", {}).get("application/json", {}).get("schema", {})
    data = resolve(resolve(schema).get("properties", {}).get("data", {}))
    assert documented == ("totalPages" in data.get("properties", {})), operation
    return documented
