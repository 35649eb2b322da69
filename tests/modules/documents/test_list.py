"""The list of documents: what narrows it, its order and its pages."""

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.documents.steps import share, titles, write


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("budget", ["Budget 2026"]),
            ("BUDGET", ["Budget 2026"]),
            ("needle", ["Hay"]),
            ("ÄRGER", ["Ärger"]),
            ("nothing has this", []),
        ],
    )
    @pytest.mark.parametrize("name", ["search", "keyword"])
    def test_finds_text_in_title_and_content(
        self, user: ApiClient, name: str, text: str, found: list[str]
    ) -> None:
        write(user, "Budget 2026")
        write(user, "Hay", content="one needle")
        write(user, "Ärger")

        assert titles(user, f"{name}={text}") == found

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("%25", ["100% sure"]),
            ("0%25", ["100% sure"]),
            ("_", ["snake_case"]),
            ("%5C", ["back\\slash"]),
            ("%25%25", []),
            ("'", ["it's"]),
        ],
    )
    def test_takes_wildcards_literally(self, user: ApiClient, text: str, found: list[str]) -> None:
        for title in ("100% sure", "snake_case", "back\\slash", "it's", "plain"):
            write(user, title)

        assert titles(user, f"search={text}") == found

    def test_searches_for_the_word_all(self, user: ApiClient) -> None:
        write(user, "All of it")
        write(user, "Some")

        assert titles(user, "search=all") == ["All of it"]


class TestFilters:
    @pytest.fixture(autouse=True)
    def documents(self, user: ApiClient, admin: ApiClient) -> None:
        write(user, "Draft", type="note", folder="Projects", tags=["draft", "red"])
        write(user, "Report", type="report", folder="Archive", tags=["red"])
        guest = write(admin, "Guest", type="report", tags=["blue"])
        share(admin, guest["id"], userIds=[user.user_id])

    @each(
        ("query", "found"),
        [
            ("type=report", {"Report", "Guest"}),
            ("folder=Projects", {"Draft"}),
            ("tag=red", {"Draft", "Report"}),
            ("tag=re", set()),
            ("shared=true", {"Guest"}),
            ("shared=false", {"Draft", "Report"}),
            ("tag=red&type=report", {"Report"}),
            ("search=r&tag=red&folder=Projects&shared=false", {"Draft"}),
            ("type=report&folder=Projects", set()),
        ],
    )
    def test_narrow_the_list(self, user: ApiClient, query: str, found: set[str]) -> None:
        assert set(titles(user, query)) == found

    @each("query", ["type=REPORT&tag=RED", "folder=archive", "shared=False"])
    def test_are_accepted_in_any_case(self, user: ApiClient, query: str) -> None:
        assert "Report" in titles(user, query)

    def test_find_what_was_written_in_another_case(self, user: ApiClient) -> None:
        write(user, "Mixed", type="Memo", folder="Ärger", tags=["Blue"])

        assert titles(user, "type=memo&folder=ÄRGER&tag=bLUE") == ["Mixed"]

    def test_narrow_by_author(self, user: ApiClient, admin: ApiClient) -> None:
        assert titles(user, f"authorId={admin.user_id}") == ["Guest"]
        assert set(titles(user, f"authorId={user.user_id}")) == {"Draft", "Report"}

    @each("value", ["", "all", "ALL"])
    @each("name", ["type", "folder", "tag", "authorId", "shared"])
    def test_do_not_narrow_when_they_are_empty_or_all(
        self, user: ApiClient, name: str, value: str
    ) -> None:
        assert user.get(f"/api/documents?{name}={value}")["total"] == 3

    def test_count_only_what_they_let_through(self, user: ApiClient) -> None:
        page = user.get("/api/documents?tag=red&pageSize=1")

        assert (page["total"], page["totalPages"], len(page["items"])) == (2, 2, 1)


class TestOrder:
    @pytest.fixture(autouse=True)
    def documents(self, user: ApiClient) -> None:
        ids = [write(user, title)["id"] for title in ("B", "A", "C")]
        user.patch(f"/api/documents/{ids[1]}", json={"content": "newest"})

    @each(
        ("query", "expected"),
        [
            ("", "ACB"),
            ("sortBy=updatedAt&sortOrder=asc", "BCA"),
            ("sortBy=createdAt", "CAB"),
            ("sortBy=createdAt&sortOrder=asc", "BAC"),
            ("sortBy=title", "CBA"),
            ("sortBy=title&sortOrder=asc", "ABC"),
            ("sortBy=TITLE&sortOrder=ASC", "ABC"),
        ],
    )
    def test_is_the_one_asked_for(self, user: ApiClient, query: str, expected: str) -> None:
        assert titles(user, query) == list(expected)

    @pytest.mark.parametrize("direction", ["asc", "desc"])
    def test_ends_in_the_id_so_that_pages_never_overlap(
        self, user: ApiClient, direction: str
    ) -> None:
        ids = [write(user, "Same")["id"] for _ in range(5)]
        query = f"search=Same&sortBy=title&sortOrder={direction}&pageSize=2"

        pages = [user.get(f"/api/documents?{query}&page={page}") for page in (1, 2, 3)]

        listed = [item["id"] for page in pages for item in page["items"]]
        assert listed == sorted(ids, reverse=direction == "desc")


class TestPages:
    def test_are_ten_long_unless_asked_otherwise(self, user: ApiClient) -> None:
        for _ in range(11):
            write(user)

        page = user.get("/api/documents")

        assert len(page["items"]) == 10
        assert (page["total"], page["page"], page["pageSize"]) == (11, 1, 10)
        assert page["totalPages"] == 2

    @pytest.mark.parametrize("name", ["pageSize", "limit", "page_size"])
    def test_are_as_long_as_asked(self, user: ApiClient, name: str) -> None:
        for _ in range(3):
            write(user)

        page = user.get(f"/api/documents?{name}=2&page=2")

        assert len(page["items"]) == 1
        assert (page["pageSize"], page["totalPages"]) == (2, 2)

    def test_beyond_the_end_are_empty_and_know_the_total(self, user: ApiClient) -> None:
        write(user)

        page = user.get("/api/documents?page=2147483647&pageSize=100")

        assert (page["items"], page["total"], page["totalPages"]) == ([], 1, 1)

    def test_of_nothing_are_empty(self, user: ApiClient) -> None:
        page = user.get("/api/documents")

        assert (page["items"], page["total"], page["totalPages"]) == ([], 0, 0)

    def test_leave_the_text_out(self, user: ApiClient) -> None:
        document = write(user, content="text", tags=["b", "a"])

        [item] = user.get("/api/documents")["items"]

        assert item == {key: value for key, value in document.items() if key != "content"}

    @pytest.mark.database("sqlite")
    @each(
        ("query", "field"),
        [
            ("page=0", "page"),
            ("page=-1", "page"),
            ("page=x", "page"),
            ("page=99999999999", "page"),
            ("pageSize=0", "pageSize"),
            ("pageSize=101", "pageSize"),
            ("limit=0", "pageSize"),
            ("sortBy=content", "sortBy"),
            ("sortBy=updated_at", "sortBy"),
            ("sortOrder=up", "sortOrder"),
            ("authorId=me", "authorId"),
            ("authorId=2147483648", "authorId"),
            ("shared=maybe", "shared"),
            ("search=a%00b", "search"),
            ("tag=%00", "tag"),
        ],
    )
    def test_refuse_bad_parameters(self, user: ApiClient, query: str, field: str) -> None:
        error = user.get(f"/api/documents?{query}", status=400)

        assert error["code"] == "VALIDATION_ERROR"
        assert [detail["field"] for detail in error["details"]] == [field]


class TestAuthor:
    def test_is_shown_with_the_current_name(self, make: Factory) -> None:
        author = make.client("user", name="Ada", avatar="https://example.com/ada.png")
        write(author)

        [item] = author.get("/api/documents")["items"]

        assert item["author"] == {
            "id": author.user_id,
            "name": "Ada",
            "avatar": "https://example.com/ada.png",
        }
