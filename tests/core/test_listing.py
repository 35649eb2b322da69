from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from halolight.core.db import listing
from halolight.core.db.base import Identified
from halolight.core.db.folding import folded, folded_text
from halolight.core.db.listing import EVERYTHING, Listing, Page, contains, like_pattern
from halolight.core.db.paging import Condition
from halolight.core.db.reads import PREPARE_AFTER
from halolight.core.text import fold
from halolight.extensions import db
from tests.contract.statements import recorded


class Base(DeclarativeBase):
    """A table of these tests alone, which the application does not know."""


class Line(Identified, Base):
    __tablename__ = "test_lines"
    __table_args__ = (sa.Index(None, "text", "text_key", "id"),)

    text: Mapped[str] = mapped_column(sa.Text)
    text_key: Mapped[str] = folded("text", 100)
    note: Mapped[str | None] = mapped_column(sa.Text)
    note_key: Mapped[str | None] = folded_text("note")


SELECT = sa.select(Line.id, Line.text)
FILTERS = {
    "search": contains("search", Line.text, Line.note),
    "text": Line.text == sa.bindparam("text"),
}
LINES = Listing(db, Line, SELECT, FILTERS)
WITHOUT_A = Line.text != "a"
FIRST_PAGE = {"page": 1, "page_size": 100, "sort_by": "text", "sort_order": "asc"}

TEXTS = st.text("aAbB%_\\ '\"äÄß\nİ\u0131Σςe\u0301\uff21\u00ad", max_size=6)


@pytest.fixture
def table(app: Flask) -> Iterator[None]:
    """An app context with the table of lines, empty."""
    with app.app_context():
        Base.metadata.create_all(db.engine)
        yield
        db.session.remove()
        Base.metadata.drop_all(db.engine)


def replace(*texts: str, note: str | None = None) -> list[int]:
    """Have exactly these lines; their ids."""
    db.session.execute(sa.delete(Line))
    lines = [Line(text=text, note=note) for text in texts]
    db.session.add_all(lines)
    db.session.commit()
    return [line.id for line in lines]


class TestLikePattern:
    @pytest.mark.parametrize(
        ("text", "pattern"),
        [
            ("", "%%"),
            ("plan", "%plan%"),
            ("100%", r"%100\%%"),
            ("snake_case", r"%snake\_case%"),
            ("back\\slash", r"%back\\slash%"),
            ("ÄRGER", "%arger%"),
            ("50\uff05", r"%50\%%"),
            (r"\%_", r"%\\\%\_%"),
        ],
    )
    def test_takes_wildcards_literally(self, text: str, pattern: str) -> None:
        assert like_pattern(text) == pattern


@pytest.mark.usefixtures("table")
class TestSearch:
    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        # It runs on two databases, with the same table for all examples.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    @given(st.lists(TEXTS, max_size=5), TEXTS)
    def test_finds_exactly_the_rows_whose_text_contains_it(
        self, texts: list[str], sought: str
    ) -> None:
        replace(*texts)

        page = LINES.page({**FIRST_PAGE, "search": sought}, EVERYTHING)

        expected = [text for text in texts if fold(sought) in fold(text)]
        assert sorted(row.text for row in page.items) == sorted(expected)
        assert page.total == len(expected)

    def test_looks_into_each_column(self) -> None:
        replace("text", note="A Note")

        assert LINES.page({**FIRST_PAGE, "search": "a note"}, EVERYTHING).total == 1
        assert LINES.page({**FIRST_PAGE, "search": "EX"}, EVERYTHING).total == 1

    def test_does_not_mind_columns_without_a_text(self) -> None:
        replace("text", note=None)

        assert LINES.page({**FIRST_PAGE, "search": "ex"}, EVERYTHING).total == 1
        assert LINES.page({**FIRST_PAGE, "search": "note"}, EVERYTHING).total == 0


@pytest.mark.usefixtures("table")
class TestPage:
    @pytest.mark.parametrize(
        ("sort_by", "sort_order", "expected"),
        [("text", "asc", "aabc"), ("text", "desc", "cbaa"), ("id", "asc", "baca")],
    )
    def test_is_in_order(self, sort_by: str, sort_order: str, expected: str) -> None:
        replace(*"baca")

        page = LINES.page({**FIRST_PAGE, "sort_by": sort_by, "sort_order": sort_order}, EVERYTHING)

        assert "".join(row.text for row in page.items) == expected

    def test_orders_equals_by_their_id(self) -> None:
        ids = replace(*"aaaa")

        for order, expected in (("asc", ids), ("desc", ids[::-1])):
            page = LINES.page({**FIRST_PAGE, "sort_order": order}, EVERYTHING)
            assert [row.id for row in page.items] == expected

    def test_shows_only_its_part_and_counts_all(self) -> None:
        replace(*"abcde")

        pages = [
            LINES.page({**FIRST_PAGE, "page": n, "page_size": 2}, EVERYTHING) for n in (1, 2, 3, 4)
        ]

        assert ["".join(row.text for row in page.items) for page in pages] == ["ab", "cd", "e", ""]
        assert [(page.total, page.total_pages) for page in pages] == [(5, 3)] * 4

    def test_stays_in_its_scope(self) -> None:
        replace(*"abca")

        page = LINES.page(FIRST_PAGE, WITHOUT_A)

        assert ([row.text for row in page.items], page.total) == (["b", "c"], 2)
        assert LINES.page({**FIRST_PAGE, "text": "a"}, WITHOUT_A).total == 0

    @pytest.mark.parametrize("sort_by", ["text", "note"])
    def test_merges_the_conditions_of_its_scope(self, sort_by: str) -> None:
        """Of texts there is an index for the owner's part, of notes there is none."""
        replace(*"eaacbd", *"ab" * 10)
        expected = sorted("aacbd" + "ab" * 10, reverse=True)
        scope = (Line.text == "a", Line.text.in_(list("bcd")))

        for size in (1, 2, 10):  # of which 2 is not a usual size
            query = {**FIRST_PAGE, "page_size": size, "sort_by": sort_by, "sort_order": "desc"}
            pages = [LINES.page({**query, "page": n}, *scope) for n in range(1, 27)]
            shown = [row.text for page in pages for row in page.items]

            assert {page.total for page in pages} == {25}
            assert shown == expected if sort_by == "text" else sorted(shown) == sorted(expected)
            assert max(len(page.items) for page in pages) <= size
        assert LINES.page({**FIRST_PAGE, "text": "b"}, *scope).total == 11

    def test_takes_a_filter_of_none_as_not_sent(self) -> None:
        replace(*"ab")

        assert LINES.page({**FIRST_PAGE, "text": None}, EVERYTHING).total == 2
        assert LINES.page({**FIRST_PAGE, "text": "a"}, EVERYTHING).total == 1
        assert LINES.page({**FIRST_PAGE, "text": ""}, EVERYTHING).total == 0


@pytest.mark.usefixtures("table")
class TestCounting:
    """A filtered list counts its rows up to a limit, or to the end of the page if that is later."""

    @pytest.fixture(autouse=True)
    def _five(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listing, "COUNTED", 5)

    def totals(self, size: int, query: dict[str, object], *scope: Condition) -> list[object]:
        lines = Listing(db, Line, SELECT, FILTERS)
        pages = [
            lines.page({**FIRST_PAGE, "page_size": size, **query, "page": page}, *scope)
            for page in (1, 2, 3, 4)
        ]
        return [(page.total, page.total_is_exact) for page in pages]

    @pytest.mark.parametrize("scope", [(EVERYTHING,), (Line.id % 2 == 0, Line.id % 2 == 1)])
    def test_is_exact_up_to_the_limit(self, scope: tuple[Condition, ...]) -> None:
        replace(*"aaaaab")

        assert self.totals(2, {"text": "a"}, *scope) == [(5, True)] * 4

    @pytest.mark.parametrize("scope", [(EVERYTHING,), (Line.id % 2 == 0, Line.id % 2 == 1)])
    def test_says_from_there_on_that_there_are_more(self, scope: tuple[Condition, ...]) -> None:
        """So there is always a next page, until the end is known."""
        replace(*"aaaaaaaab")

        expected = [(6, False), (6, False), (7, False), (8, True)]
        assert self.totals(2, {"text": "a"}, *scope) == expected

    def test_knows_the_total_beyond_the_end(self) -> None:
        replace(*"aaaaaaaab")

        assert self.totals(4, {"text": "a"}, EVERYTHING)[2:] == [(8, True), (8, True)]

    def test_is_the_same_however_far_beyond_the_end_and_however_often(self) -> None:
        """A prepared statement is given the type of each parameter."""
        replace("a", "b")
        query = FIRST_PAGE | {"page": 2**31 - 1, "search": "a"}
        totals = {LINES.page(query, EVERYTHING).total for _ in range(2 * PREPARE_AFTER)}

        assert totals == {1}

    @pytest.mark.database("postgresql")
    def test_is_planned_as_if_it_had_no_limit(self, app: Flask) -> None:
        """Or PostgreSQL would read the table from its start, expecting to find so many soon."""
        replace(*"aaaaaaaab")

        with recorded(app) as statements:
            assert self.totals(2, {"text": "a"}, EVERYTHING)[3] == (8, True)

        counting = [statement for statement in statements if "count(*)" in statement]
        assert {"AS MATERIALIZED" in statement for statement in counting} == {True}

    def test_has_no_limit_without_a_filter(self) -> None:
        replace(*"aaaaaaaab")

        assert self.totals(2, {}, EVERYTHING) == [(9, True)] * 4
        assert self.totals(2, {}, WITHOUT_A) == [(1, True)] * 4


class TestTotalPages:
    @pytest.mark.parametrize(
        ("total", "page_size", "pages"),
        [(0, 10, 0), (1, 10, 1), (10, 10, 1), (11, 10, 2), (100, 1, 100)],
    )
    def test_is_rounded_up(self, total: int, page_size: int, pages: int) -> None:
        assert Page([], total, 1, page_size).total_pages == pages


@pytest.mark.usefixtures("table")
class TestListing:
    def test_builds_each_combination_once(self) -> None:
        lines = Listing(db, Line, SELECT, FILTERS)

        for text in ("a", "b", None, None):
            lines.page({**FIRST_PAGE, "text": text}, WITHOUT_A)

        assert len(lines._statements) == 2
