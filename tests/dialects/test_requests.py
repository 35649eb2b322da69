"""What front ends send, in the words of the contract: pure functions."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from halolight.dialects import common
from halolight.dialects.clients.next import NextWriter
from halolight.dialects.requests import conversation_number, translate_body, translate_query
from halolight.dialects.tables import WHOLE, Call, Dialect

PLAIN = Call(asked="GET /things")
ALL = Call(asked="GET /things", whole=True)
TABLE = Dialect(
    mount="test",
    writer=NextWriter(),
    calls=(
        Call(asked="GET /roles/detail", contract="GET /roles"),
        Call(asked="GET /roles/:role"),
        Call(asked="GET /messages/c:id", contract="GET /conversations/:id/messages"),
        Call(asked="GET /messages/:id"),
        Call(asked="PUT /files/:id/move", contract="POST /files/:id/move"),
    ),
)


def contract_call(asked: str) -> tuple[str, str]:
    method, _, path = asked.partition(" ")
    call, params = TABLE.find(method, path)
    return call.target(params)


@pytest.mark.parametrize(
    ("asked", "contract"),
    [
        ("GET /roles/detail", "GET /api/roles"),
        ("GET /roles/editor", "GET /api/roles/editor"),
        ("GET /messages/c12", "GET /api/conversations/12/messages"),
        ("GET /messages/c12/", "GET /api/conversations/12/messages"),
        ("GET /messages/12", "GET /api/messages/12"),
        ("GET /messages/cat", "GET /api/messages/cat"),
        ("GET /messages/c\uff11", "GET /api/messages/c\uff11"),
        ("PUT /files/5/move", "POST /api/files/5/move"),
        ("GET /files/5/move", "GET /api/files/5/move"),
        ("GET /files/5/more/move", "GET /api/files/5/more/move"),
        ("GET ", "GET /api"),
    ],
)
def test_calls_are_found_in_the_table_or_passed_on(asked: str, contract: str) -> None:
    assert contract_call(asked) == tuple(contract.split(" "))


class TestQuery:
    @pytest.mark.parametrize("absent", ["", "undefined", "all", "全部"])
    def test_is_without_filters_that_are_not_set(self, absent: str) -> None:
        assert translate_query(PLAIN, f"status={absent}&role=admin").text == "role=admin"

    def test_may_search_for_all(self) -> None:
        assert translate_query(PLAIN, "search=all").text == "search=all"
        assert translate_query(PLAIN, "search=undefined").text == ""

    def test_without_a_page_asks_for_all_rows_where_that_is_meant(self) -> None:
        assert parse_qs(translate_query(ALL, "type=pdf").text) == {
            "type": ["pdf"],
            "pageSize": [str(WHOLE)],
        }
        assert translate_query(ALL, "type=pdf").whole
        for page in ("page=1", "limit=5", "pageSize=5"):
            assert translate_query(ALL, page).text == page
            assert not translate_query(ALL, page).whole

    def test_tells_which_page_was_asked_for(self) -> None:
        asked = translate_query(PLAIN, "page=3&limit=20")

        assert (asked.page, asked.size) == (3, 20)
        assert translate_query(PLAIN, "").page is None
        assert translate_query(PLAIN, "page=-1&pageSize=x").page == 1

    def test_names_what_is_unread_and_a_range_of_days(self) -> None:
        unread = Call(asked="GET /x", query=common.by_unread)
        days = Call(asked="GET /x", query=common.until_the_end_of_the_day)

        assert translate_query(unread, "read=false").text == "unread=true"
        assert translate_query(unread, "read=maybe").text == ""
        [end] = parse_qs(translate_query(days, "endDate=2026-12-31").text)["endDate"]
        assert end.startswith("2026-12-31T23:59:59")
        assert translate_query(days, "endDate=2026-99-99").text == "endDate=2026-99-99"


class TestBody:
    @pytest.mark.parametrize(
        ("sent", "contract"),
        [
            ({"ids": ["1", "2"], "name": "3"}, {"ids": [1, 2], "name": "3"}),
            ({"userId": "5", "roleId": "5"}, {"userId": 5, "roleId": "5"}),
            ({"attendees": [{"id": "5"}, 6]}, {"attendees": [{"id": 5}, 6]}),
            ({"userIds": ["c5", "\uff15", "", "-1"]}, {"userIds": ["c5", "\uff15", "", "-1"]}),
            ({"userIds": "1" * 5000}, {"userIds": "1" * 5000}),
            ({"folderId": None}, {"folderId": None}),
        ],
    )
    def test_has_numbers_for_ids(self, sent: dict[str, Any], contract: dict[str, Any]) -> None:
        assert translate_body(PLAIN, sent) == contract

    def test_of_a_message_has_the_number_of_its_conversation(self) -> None:
        send = Call(asked="POST /x", body=conversation_number)

        assert translate_body(send, {"conversationId": "c5"}) == {"conversationId": 5}
        assert translate_body(send, {"conversationId": "x"}) == {"conversationId": "x"}

    def test_of_a_share_makes_a_link_where_one_is_meant(self) -> None:
        share = Call(asked="POST /x", body=common.link_for_hours)

        assert translate_body(share, {"expiresIn": 24}) == {"expiresIn": 86_400, "public": True}
        assert translate_body(share, {"password": "Open"}) == {"password": "Open", "public": True}
        assert translate_body(share, {"userIds": ["5"]}) == {"userIds": [5]}
        assert translate_body(share, {}) == {}

    def test_of_a_form_has_nothing_where_it_was_left_empty(self) -> None:
        form = Call(asked="POST /x", body=common.blanks_as_nothing)

        assert translate_body(form, {"name": "", "phone": ""}) == {"name": "", "phone": None}
