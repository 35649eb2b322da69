"""Excerpts: what is shown of a text that a search has found."""

import unicodedata
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halolight.core.search.excerpts import LENGTH, Segment, excerpt, highlight
from halolight.core.search.tokens import terms
from halolight.core.text import fold, folded_with_origins
from tests.cpu import cpu_of


def marked(segments: list[Segment]) -> str:
    return "".join(f"[{text}]" if match else text for text, match in segments)


@pytest.mark.parametrize(
    ("text", "search", "shown"),
    [
        ("The quarterly plan", "qua pl", "The [qua]rterly [pl]an"),
        ("replan the plan", "plan", "replan the [plan]"),
        ("ﬁne Straße İstanbul", "fi strasse istanbul", "[ﬁ]ne [Straße] [İstanbul]"),
        ("e\u0301te\u0301 \u00e9t\u00e9", "ete", "[e\u0301te\u0301] [\u00e9t\u00e9]"),
        ("季度财务报告", "度财务", "季[度财务]报告"),
        ("季度财务报告", "季度报告", "[季度]财务[报告]"),
        ("ภาษาไทย", "ไทย", "ภาษา[ไทย]"),
        ("go 🚀 up", "🚀", "go [🚀] up"),
        ("<b>bold</b>", "b", "<[b]>[b]old</[b]>"),
        ("nothing here", "xyz", "nothing here"),
        ("", "xyz", ""),
    ],
)
def test_mark_what_was_found(text: str, search: str, shown: str) -> None:
    assert marked(excerpt(text, terms(search))) == shown


def test_of_names_mark_it_anywhere_in_a_word() -> None:
    assert marked(highlight("replan.PLANS", terms("plan"))) == "re[plan].[PLAN]S"


def test_show_the_first_match_of_a_long_text() -> None:
    for before in (0, 5, 399, 400, 401, 5000):
        for word in ("plan", "季度", "Plän"):
            text = "x " * (before // 2) + f" {word} " + "y " * 500
            shown = marked(excerpt(text, terms(word)))
            assert f"[{word}]" in shown, (before, word)
            assert len(shown) <= LENGTH + 4


def test_begin_and_end_between_words_where_they_can() -> None:
    text = "lorem ipsum dolor " * 20 + "plan " + "sit amet " * 40

    shown = marked(excerpt(text, ("plan",)))

    assert shown.startswith(("… lorem", "… ipsum", "… dolor"))
    assert shown.endswith("…")


@settings(max_examples=300, deadline=None, database=None)
@given(st.text(max_size=60), st.text(max_size=5))
def test_have_the_text_as_it_is(text: str, search: str) -> None:
    shown = "".join(segment.text for segment in highlight(text, terms(search)))

    assert shown.split() == text.split()


@settings(max_examples=300, deadline=None, database=None)
@given(st.text(st.sampled_from("aÉßﬁİςΣ季ター한ไ 😀e\u0301\u200b"), max_size=40))
def test_know_where_each_folded_character_comes_from(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    folded, origins = folded_with_origins(text)

    assert len(folded) == len(origins)
    assert folded in {fold(text), ""}
    assert origins == sorted(origins)
    assert all(0 <= start < end <= len(text) for start, end in origins)


def test_of_long_texts_take_little_time() -> None:
    for text in ("word " * 4000, "季" * 20_000, "é " * 10_000, "e\u0301" * 10_000):
        assert cpu_of(partial(excerpt, text, ("missing",)), enough=0.5)[1] < 0.5


def test_of_texts_that_fold_to_many_words_take_little_time() -> None:
    many = tuple(f"z{letter}" for letter in "abcdefghijklmnopqrst")
    assert cpu_of(partial(excerpt, "\ufdfa" * 20_000, many), enough=0.15)[1] < 0.15
