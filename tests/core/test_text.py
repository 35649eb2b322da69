"""The forms of text: stored in one, compared in another."""

import unicodedata
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halolight.core.text import MAX_MARKS, fold, has_long_run_of_marks, is_blank, is_one_line
from tests.cpu import cpu_of

TOWER = "a" + "\u0301\u0316" * 100_000


class TestFold:
    @pytest.mark.parametrize(
        "texts",
        [
            ["ΟΔΟΣ", "οδος", "οδοσ"],
            ["ΒΟΡΡΆΣ", "βορράς", "βορρας"],
            ["İstanbul", "istanbul", "ISTANBUL", "\u0131stanbul"],
            ["\uff21\uff22\uff23", "abc"],
            ["Álvaro", "A\u0301LVARO", "alvaro"],
            ["Straße", "STRASSE", "straẞe"],
            ["\ufb01n", "FIN"],
            ["co\u00adop", "coop", "co\u200bop", "\u2068coop\u2069"],
            ["\u1112\u1161\u11ab", "\ud55c"],
            ["\uff76\uff9e", "ガ", "カ\u3099"],
            ["שָׁלוֹם", "שלום"],
            ["ᾼ", "αι"],
        ],
    )
    def test_of_what_people_take_for_equal_is_equal(self, texts: list[str]) -> None:
        assert len({fold(text) for text in texts}) == 1

    @pytest.mark.parametrize("texts", [["ガ", "カ"], ["ปี", "ปู"], ["कु", "कि", "क"], ["o", "ø"]])
    def test_of_other_letters_differs(self, texts: list[str]) -> None:
        assert len({fold(text) for text in texts}) == len(texts)

    @settings(max_examples=300, deadline=None, database=None)
    @given(st.text())
    def test_is_the_same_for_all_forms_and_itself(self, text: str) -> None:
        folded = fold(text)

        assert fold(folded) == folded
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            assert fold(unicodedata.normalize(form, text)) == folded

    @settings(max_examples=50, deadline=None, database=None)
    @given(st.lists(st.text(), max_size=20))
    def test_of_a_long_text_is_that_of_its_parts(self, texts: list[str]) -> None:
        """Long texts are folded in pieces, so that other requests can run in between."""
        texts = [text + "\nÄ" * 300 for text in texts]

        assert fold("\n".join(texts)) == "\n".join(map(fold, texts))

    def test_of_something_visible_is_never_empty(self) -> None:
        for visible in ("\u0301", "a", "\u0301\u0308"):
            assert fold(visible)

    def test_of_a_tower_of_marks_takes_no_time(self) -> None:
        for tower in (TOWER, "\u3099\u093c" * 100_000):
            assert cpu_of(partial(fold, tower), enough=0.5)[1] < 0.5


def test_marks_in_a_row_are_counted() -> None:
    assert not has_long_run_of_marks("a" + "\u0301" * MAX_MARKS)
    assert not has_long_run_of_marks("a\u0301" * 100)
    assert has_long_run_of_marks("a" + "\u0301" * (MAX_MARKS + 1))
    assert has_long_run_of_marks("a" + "\u0301\u3099\u093c" * 11)


@pytest.mark.parametrize(
    "text", ["", " \t\n", "\u200b\u2060\ufeff", "\u3164", "\u2800", "\u00ad\ufe0f"]
)
def test_a_text_of_nothing_visible_is_blank(text: str) -> None:
    assert is_blank(text)
    assert not is_blank(f"{text}.{text}")


def test_one_line_has_no_controls_and_no_changes_of_direction() -> None:
    for character in "\n\r\t\x0b\x1b\x7f\x85\u2028\u2029\u202a\u202e\u2066\u2069":
        assert not is_one_line(f"a{character}b"), ascii(character)
    for text in ("a b", "\u200eשלום", "👩\u200d👩\u200d👧", "می\u200cخواهم", "\u00a0"):
        assert is_one_line(text), ascii(text)
