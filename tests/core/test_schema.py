from typing import Any, ClassVar, NoReturn

import marshmallow as ma
import pytest

from halolight.core.db.listing import Page
from halolight.core.schemas.base import MAX_INTEGER, PageQuery, Query, Schema, camel, page_of, snake
from halolight.core.schemas.fields import Choice
from halolight.core.schemas.validate import Length


class NoteSchema(Schema):
    ALIASES: ClassVar[dict[str, str]] = {"name": "noteTitle", "heading": "noteTitle"}

    note_title = ma.fields.String(allow_none=True)
    line_count = ma.fields.Integer()


class NoteQuery(PageQuery):
    search = ma.fields.String()
    note_type = ma.fields.String()
    is_open = ma.fields.Boolean()
    sort_order = Choice("asc", "desc", load_default="asc")


def refusals(schema: Schema, data: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(ma.ValidationError) as refused:
        schema.load(data)
    return refused.value.messages_dict


def never(value: str) -> NoReturn:
    """A validator that is not called."""
    raise AssertionError(value)


class TestNames:
    @pytest.mark.parametrize(
        ("python", "wire"),
        [("title", "title"), ("created_at", "createdAt"), ("last_login_at", "lastLoginAt")],
    )
    def test_are_camel_case_on_the_wire(self, python: str, wire: str) -> None:
        assert (camel(python), snake(wire)) == (wire, python)

    def test_are_read_and_written_in_camel_case(self) -> None:
        sent = {"noteTitle": "Plan", "lineCount": 3}

        note = NoteSchema().load(sent)

        assert note == {"note_title": "Plan", "line_count": 3}
        assert NoteSchema().dump(note) == sent

    def test_in_snake_case_are_unknown(self) -> None:
        assert NoteSchema().load({"note_title": "Plan"}) == {}

    def test_that_are_unknown_are_ignored(self) -> None:
        assert NoteSchema().load({"lineCount": 3, "extra": 1, "__class__": "x"}) == {
            "line_count": 3
        }

    @pytest.mark.parametrize("alias", ["name", "heading"])
    def test_have_aliases(self, alias: str) -> None:
        assert NoteSchema().load({alias: "Plan"}) == {"note_title": "Plan"}

    def test_win_over_their_aliases(self) -> None:
        sent = {"name": "Old", "noteTitle": "New"}

        assert NoteSchema().load(sent) == {"note_title": "New"}
        assert sent == {"name": "Old", "noteTitle": "New"}

    def test_are_those_of_the_refusal_however_they_were_sent(self) -> None:
        assert list(refusals(NoteSchema(), {"name": 5})) == ["noteTitle"]

    @pytest.mark.parametrize("body", [[], "text", 5, None])
    def test_are_only_found_in_an_object(self, body: Any) -> None:
        assert list(refusals(NoteSchema(), body)) == ["_schema"]


class TestTexts:
    @pytest.mark.parametrize("text", ["\0", "a\0b", "text\0"])
    def test_with_nul_are_refused(self, text: str) -> None:
        messages = refusals(NoteSchema(), {"noteTitle": text})

        assert set(messages["noteTitle"]) == {"Remove the NUL character from this text."}

    def test_are_refused_once_however_often_the_schema_is_used(self) -> None:
        for _ in range(3):
            messages = refusals(NoteSchema(), {"noteTitle": "\0", "lineCount": 2**31})

        assert [len(found) for found in messages.values()] == [1, 1]

    @pytest.mark.parametrize("text", ["", " ", "\\0", "Ärger 😀\n", "\x01\x7f", None])
    def test_of_any_other_kind_are_accepted(self, text: str | None) -> None:
        assert NoteSchema().load({"noteTitle": text}) == {"note_title": text}


class TestText:
    def test_is_read_in_nfc_also_in_lists(self) -> None:
        class Tagged(Schema):
            tags = ma.fields.List(ma.fields.String())

        assert NoteSchema().load({"noteTitle": "e\u0301"}) == {"note_title": "\xe9"}
        assert Tagged().load({"tags": ["e\u0301", "\u1112\u1161\u11ab"]}) == {
            "tags": ["\xe9", "\ud55c"]
        }

    def test_is_measured_in_nfc(self) -> None:
        assert NoteSchema().load({"name": "e\u0301" * 255})["note_title"] == "\xe9" * 255
        assert list(refusals(NoteSchema(), {"name": "e\u0301" * 256})) == ["noteTitle"]

    def test_with_too_many_marks_is_refused(self) -> None:
        assert NoteSchema().load({"name": "a" + "\u0316" * 30})
        assert list(refusals(NoteSchema(), {"name": "a" + "\u0316" * 31})) == ["noteTitle"]

    def test_that_is_too_long_is_given_to_no_other_validator(self) -> None:
        """It may take its time for each character."""

        class WordsSchema(Schema):
            text = ma.fields.String(validate=[never, Length(max=10)])
            texts = ma.fields.List(ma.fields.String(validate=never), validate=Length(max=3))

        assert refusals(WordsSchema(), {"text": " " + "a" * 11, "texts": ["a"] * 4}) == {
            "text": ["Enter at most 10 characters."],
            "texts": ["Choose at most 3 entries."],
        }

    @pytest.mark.parametrize("empty", ["", " ", None])
    def test_of_an_alias_counts_where_the_name_is_empty(self, empty: str | None) -> None:
        assert NoteSchema().load({"noteTitle": empty, "name": "Plan"}) == {"note_title": "Plan"}
        assert NoteSchema().load({"noteTitle": "Plan", "name": empty}) == {"note_title": "Plan"}
        assert NoteSchema().load({"name": empty, "heading": "Plan"}) == {"note_title": "Plan"}


class TestIntegers:
    @pytest.mark.parametrize("number", [MAX_INTEGER, -MAX_INTEGER, 0])
    def test_of_32_bits_are_accepted(self, number: int) -> None:
        assert NoteSchema().load({"lineCount": number}) == {"line_count": number}

    @pytest.mark.parametrize("number", [MAX_INTEGER + 1, -(2**40), 10**30, 1e30, "99999999999"])
    def test_beyond_32_bits_are_refused(self, number: float | str) -> None:
        messages = refusals(NoteSchema(), {"lineCount": number})

        assert set(messages["lineCount"]) == {"This number is too large."}

    @pytest.mark.parametrize(
        "value",
        [
            "many",
            "",
            None,
            [],
            {},
            True,
            float("nan"),
            float("inf"),
            "1.5",
            "1_0",
            "+1",
            " 1",
            "\uff11",
        ],
    )
    def test_of_no_kind_are_refused(self, value: Any) -> None:
        assert list(refusals(NoteSchema(), {"lineCount": value})) == ["lineCount"]


class TestLists:
    def test_take_what_a_column_can_hold(self) -> None:
        class Lists(Schema):
            ids = ma.fields.List(ma.fields.Integer())
            words = ma.fields.List(ma.fields.String())

        refused: dict[str, Any] = refusals(
            Lists(), {"ids": [1, MAX_INTEGER + 1], "words": ["a\0b"]}
        )

        assert {name: list(places) for name, places in refused.items()} == {
            "ids": [1],
            "words": [0],
        }


class TestQuery:
    @pytest.mark.parametrize("value", ["", "all", "ALL", "All"])
    def test_drops_filters_that_are_empty_or_all(self, value: str) -> None:
        class Filters(Query):
            note_type = ma.fields.String()
            author_id = ma.fields.Integer()

        assert Filters().load({"noteType": value, "authorId": value}) == {}

    def test_keeps_everything_else(self) -> None:
        sent = {"noteType": "allied", "isOpen": "false", "page": "2"}

        query = NoteQuery().load(sent)

        assert (query["note_type"], query["is_open"], query["page"]) == ("allied", False, 2)

    @pytest.mark.parametrize("name", ["search", "keyword"])
    def test_searches_for_the_word_all(self, name: str) -> None:
        assert NoteQuery().load({name: "all"})["search"] == "all"

    @pytest.mark.parametrize("name", ["search", "keyword"])
    def test_does_not_search_for_nothing(self, name: str) -> None:
        assert "search" not in NoteQuery().load({name: ""})


class TestPageQuery:
    def test_has_defaults(self) -> None:
        assert NoteQuery().load({}) == {"page": 1, "page_size": 10, "sort_order": "asc"}

    @pytest.mark.parametrize("name", ["pageSize", "page_size", "limit"])
    @pytest.mark.parametrize("size", [1, 100])
    def test_accepts_each_name_of_the_length(self, name: str, size: int) -> None:
        assert NoteQuery().load({name: str(size)})["page_size"] == size

    @pytest.mark.parametrize(
        ("name", "field"),
        [("page", "page"), ("pageSize", "pageSize"), ("limit", "pageSize")],
    )
    @pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "2147483648"])
    def test_refuses_what_is_out_of_range(self, name: str, field: str, value: str) -> None:
        assert list(refusals(NoteQuery(), {name: value})) == [field]

    def test_refuses_pages_of_more_than_a_hundred(self) -> None:
        assert list(refusals(NoteQuery(), {"pageSize": "101"})) == ["pageSize"]


class TestPageOf:
    def test_is_named_after_its_item_and_made_once(self) -> None:
        assert page_of(NoteSchema).__name__ == "NotePage"
        assert page_of(NoteSchema) is page_of(NoteSchema)

    def test_keeps_the_order_of_the_contract(self) -> None:
        page = Page(items=[], total=0, page=1, page_size=10)

        names = list(page_of(NoteSchema)().dump(page))

        assert names == ["items", "total", "page", "pageSize", "totalPages"]
