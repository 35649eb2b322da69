"""The list of users: paging, searching, filtering, sorting."""

import datetime as dt
from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.factories import Factory
from tests.modules.roles.holders import client_holding

FIELDS = [
    *("id", "email", "username", "name", "avatar", "phone", "department", "position", "bio"),
    *("role", "roleLabel", "status", "emailVerified", "pendingEmail"),
    *("lastLoginAt", "createdAt", "updatedAt"),
]
THEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def names(page: dict[str, Any]) -> list[str]:
    return [user["name"] for user in page["items"]]


class TestListUsers:
    def test_answers_with_a_page_of_users(self, admin: ApiClient, make: Factory) -> None:
        someone = make.user("guest", name="Someone", department="Sales")

        page = admin.get("/api/users")

        numbers = (page["total"], page["page"], page["pageSize"], page["totalPages"])
        assert numbers == (2, 1, 10, 1)
        assert [list(user) for user in page["items"]] == [FIELDS, FIELDS]
        assert page["items"][0]["id"] == someone.id
        assert page["items"][0]["department"] == "Sales"
        assert (page["items"][0]["role"], page["items"][0]["roleLabel"]) == ("guest", "Guest")
        assert page["items"][0]["createdAt"].endswith("Z")

    def test_shows_the_newest_first(self, admin: ApiClient, make: Factory) -> None:
        for name in ("First", "Second"):
            make.user(name=name)

        page = admin.get("/api/users?role=user")

        assert names(page) == ["Second", "First"]

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.get("/api/users", status=403)


class TestListUserGrants:
    def test_adds_what_the_role_grants(self, make: Factory) -> None:
        reader = client_holding(make, "users:view", "roles:view")
        make.user("guest")

        page = reader.get("/api/users/grants?sortBy=name&sortOrder=asc")

        assert [list(user) for user in page["items"]] == [[*FIELDS, "permissions"]] * 2
        assert {user["role"]: user["permissions"] for user in page["items"]} == {
            "guest": ["dashboard:view"],
            page["items"][1]["role"]: ["users:view", "roles:view"],
        }
        assert page["total"] == 2

    def test_is_narrowed_as_the_list_of_users(self, admin: ApiClient, make: Factory) -> None:
        someone = make.user("guest", name="Someone", status="SUSPENDED")
        make.user("guest")

        for query in ("role=guest&status=suspended", "search=some"):
            assert [u["id"] for u in admin.get(f"/api/users/grants?{query}")["items"]] == [
                someone.id
            ]

    def test_hides_the_grants_without_the_permission_to_see_roles(self, make: Factory) -> None:
        reader = client_holding(make, "users:view")

        [shown] = reader.get("/api/users/grants")["items"]

        assert shown == reader.get("/api/users")["items"][0] | {"permissions": None}

    def test_is_refused_without_the_permission(self, user: ApiClient) -> None:
        user.get("/api/users/grants", status=403)


class TestPaging:
    @pytest.mark.parametrize("parameter", ["pageSize", "limit", "page_size"])
    def test_takes_the_size_under_each_of_its_names(
        self, admin: ApiClient, make: Factory, parameter: str
    ) -> None:
        for _ in range(2):
            make.user()

        page = admin.get(f"/api/users?{parameter}=2")

        assert (len(page["items"]), page["pageSize"]) == (2, 2)
        assert (page["total"], page["totalPages"]) == (3, 2)

    @pytest.mark.parametrize("sort_by", ["createdAt", "name"])
    @pytest.mark.parametrize("sort_order", ["asc", "desc"])
    def test_pages_never_overlap_even_among_equals(
        self, admin: ApiClient, make: Factory, sort_by: str, sort_order: str
    ) -> None:
        made = {make.user(name="Same", created_at=THEN).id for _ in range(7)}
        query = f"role=user&pageSize=3&sortBy={sort_by}&sortOrder={sort_order}"

        pages = [admin.get(f"/api/users?{query}&page={number}") for number in (1, 2, 3)]

        walked = [user["id"] for page in pages for user in page["items"]]
        assert len(walked) == 7
        assert set(walked) == made

    @pytest.mark.parametrize("number", [2, 1000, 2**31 - 1])
    def test_a_page_beyond_the_end_is_empty_and_knows_the_total(
        self, admin: ApiClient, make: Factory, number: int
    ) -> None:
        make.user()

        page = admin.get(f"/api/users?page={number}&pageSize=100")

        assert page == {
            "items": [],
            "total": 2,
            "page": number,
            "pageSize": 100,
            "totalPages": 1,
        }

    def test_an_empty_parameter_is_as_none(self, admin: ApiClient, make: Factory) -> None:
        make.user(status="INACTIVE")

        page = admin.get("/api/users?page=&limit=&search=&status=&role=&sortBy=&sortOrder=")

        assert (page["total"], page["page"], page["pageSize"]) == (2, 1, 10)

    @pytest.mark.database("sqlite")
    @each(
        ("query", "field"),
        [
            ("page=0", "page"),
            ("page=-1", "page"),
            ("page=1.5", "page"),
            ("page=first", "page"),
            ("page=2147483648", "page"),
            ("pageSize=0", "pageSize"),
            ("pageSize=101", "pageSize"),
            ("limit=0", "pageSize"),
            ("page_size=101", "pageSize"),
            ("sortBy=hashedPassword", "sortBy"),
            ("sortBy=id;drop", "sortBy"),
            ("sortOrder=up", "sortOrder"),
            ("status=GONE", "status"),
            ("search=%00", "search"),
        ],
    )
    def test_refuses_what_is_out_of_range(self, admin: ApiClient, query: str, field: str) -> None:
        error = admin.get(f"/api/users?{query}", status=400)

        assert error["code"] == "VALIDATION_ERROR"
        assert [detail["field"] for detail in error["details"]] == [field]


class TestSorting:
    @pytest.mark.parametrize("sort_by", ["createdAt", "name", "username", "email"])
    @pytest.mark.parametrize("sort_order", ["asc", "desc"])
    def test_sorts_by_each_column_both_ways(
        self, admin: ApiClient, make: Factory, sort_by: str, sort_order: str
    ) -> None:
        # Each column has an order of its own.
        for name, username, email, age in (("ada", "y", "m", 2), ("cid", "z", "l", 3)):
            self._make(make, name, username, email, age)
        self._make(make, "bob", "x", "k", 1)

        page = admin.get(f"/api/users?role=user&sortBy={sort_by}&sortOrder={sort_order}")

        values = [user[sort_by] for user in page["items"]]
        assert len(set(values)) == 3
        assert values == sorted(values, reverse=sort_order == "desc")

    def test_takes_column_and_direction_in_any_case(self, admin: ApiClient, make: Factory) -> None:
        for name in ("bob", "ada"):
            make.user(name=name)

        page = admin.get("/api/users?role=user&sortBy=NAME&sortOrder=ASC")

        assert names(page) == ["ada", "bob"]

    @staticmethod
    def _make(make: Factory, name: str, username: str, email: str, age: int) -> None:
        make.user(
            name=name,
            username=f"{username}-name",
            email=f"{email}@example.com",
            created_at=THEN - dt.timedelta(days=age),
        )


class TestSearching:
    @pytest.mark.parametrize(
        "text",
        [
            *("Zoë Łu", "zoë łu", "ZOË ŁUKASZ-ÄRGER", "łukasz", "ÄRGER"),
            *("sailor.1", "SAILOR", "zl@sea", "SEA.Example", " zoë "),
        ],
    )
    def test_finds_text_in_name_username_and_email_in_any_case(
        self, admin: ApiClient, make: Factory, text: str
    ) -> None:
        make.user(name="Zoë Łukasz-Ärger", username="sailor.1", email="zl@sea.example")
        make.user(name="Another")

        page = admin.get("/api/users", query_string={"search": text})

        assert names(page) == ["Zoë Łukasz-Ärger"]
        assert page["total"] == 1

    @pytest.mark.parametrize(
        ("text", "found"),
        [("%", "100% sure"), ("_", "snake_case"), ("\\", "back\\slash"), ("0% s", "100% sure")],
    )
    def test_takes_the_wildcards_of_the_database_literally(
        self, admin: ApiClient, make: Factory, text: str, found: str
    ) -> None:
        for name in ("100% sure", "snake_case", "back\\slash", "plain"):
            make.user(name=name)

        page = admin.get("/api/users", query_string={"search": text})

        assert names(page) == [found]

    def test_is_called_keyword_too(self, admin: ApiClient, make: Factory) -> None:
        for name in ("Ada", "Bob"):
            make.user(name=name)

        page = admin.get("/api/users?keyword=ada")

        assert names(page) == ["Ada"]

    def test_all_is_a_text_like_any_other(self, admin: ApiClient, make: Factory) -> None:
        for name in ("Allison", "Bob"):
            make.user(name=name)

        page = admin.get("/api/users?search=all")

        assert names(page) == ["Allison"]

    def test_finds_nothing(self, admin: ApiClient) -> None:
        page = admin.get("/api/users?search=nobody-is-called-so")

        assert (page["items"], page["total"], page["totalPages"]) == ([], 0, 0)


class TestFiltering:
    @pytest.fixture(autouse=True)
    def people(self, make: Factory) -> None:
        make.user("user", name="Ada")
        make.user("user", name="Bob", status="SUSPENDED")
        make.user("guest", name="Cid", status="SUSPENDED")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("status=SUSPENDED", {"Bob", "Cid"}),
            ("status=suspended", {"Bob", "Cid"}),
            ("status=Active", {"Ada", "Root"}),
            ("status=inactive", set()),
            ("status=all", {"Ada", "Bob", "Cid", "Root"}),
            ("role=user", {"Ada", "Bob"}),
            ("role=USER", {"Ada", "Bob"}),
            ("role=Guest", {"Cid"}),
            ("role=ALL", {"Ada", "Bob", "Cid", "Root"}),
            ("role=nosuchrole", set()),
            ("role=user&status=suspended", {"Bob"}),
            ("role=all&status=suspended&search=cid", {"Cid"}),
        ],
    )
    def test_shows_who_fits_every_filter(self, make: Factory, query: str, found: set[str]) -> None:
        root = make.client("super_admin", name="Root", email="r@x.io", username="r")

        page = root.get(f"/api/users?{query}")

        assert set(names(page)) == found
        assert page["total"] == len(found)
