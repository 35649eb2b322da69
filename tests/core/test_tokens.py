"""Tokens of the search: what is made of texts, names and searches."""

from functools import partial

import pytest

from halolight.core.search.tokens import (
    MAX_TERMS,
    MAX_TOKEN,
    MAX_TOKENS,
    Sources,
    of_name,
    of_text,
    terms,
)
from tests.cpu import cpu_of


class TestTexts:
    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("Plan B, plan 2", ["plan", "b", "2"]),
            ("snake_case co-op o'clock", ["snake", "case", "co", "op", "o", "clock"]),
            ("Straße ΟΔΟΣ İzmir Été", ["strasse", "οδοσ", "izmir", "ete"]),
            ("世界", ["世界", "界"]),
            ("2026年度 iPhone手机", ["2026", "年度", "度", "iphone", "手机", "机"]),
            ("タワー 々", ["タワ", "ワー", "ー", "々"]),
            ("ไทย 100฿", ["ไท", "ทย", "ย", "100", "฿"]),
            ("한국", ["한국", "국"]),
            ("हिन्दी", ["हिन्दी"]),
            ("a😀b👩‍💻", ["a", "😀", "b", "👩", "💻"]),
            ("c++ €5 №7", ["c", "€", "5", "no7"]),
            (" ,.!? ", []),
        ],
    )
    def test_have_words_pairs_and_symbols(self, text: str, tokens: list[str]) -> None:
        assert list(of_text(text)) == tokens

    def test_have_so_many_tokens_at_most(self) -> None:
        many = list(of_text(" ".join(f"w{number}" for number in range(20_000))))

        assert len(many) == MAX_TOKENS
        assert many[-1] == f"w{MAX_TOKENS - 1}"

    def test_have_no_more_with_a_long_run(self) -> None:
        words = " ".join(f"w{number}" for number in range(MAX_TOKENS - 1))

        assert list(of_text(f"{words} 季度财务报告"))[-2:] == [f"w{MAX_TOKENS - 2}", "季度"]

    def test_of_a_megabyte_take_little_time(self) -> None:
        for text in ("word " * 200_000, "季" * 1_000_000, "é " * 500_000, "😀" * 1_000_000):
            key = partial(Sources(texts=("text",)).key, {"text": text})
            assert cpu_of(key, enough=1)[1] < 1


class TestNames:
    def test_have_all_endings_of_their_words(self) -> None:
        assert set(of_name("Plan.pdf")) == {"plan", "lan", "an", "n", "pdf", "df", "f"}
        assert set(of_name("季度")) == {"季度", "度"}

    def test_have_words_of_some_length(self) -> None:
        tokens = list(of_name("x" * 100))

        assert max(map(len, tokens)) == MAX_TOKEN
        assert len(tokens) == MAX_TOKEN


class TestSearches:
    def test_look_for_words_and_pairs(self) -> None:
        assert terms("Plan 季度报告 文 😀 plan") == ("plan", "季度", "度报", "报告", "文", "😀")
        assert terms("%_'\"*()&|!:\\") == ()

    def test_look_for_so_many_at_most(self) -> None:
        assert len(terms("".join(chr(0x4E00 + number) for number in range(100)))) == MAX_TERMS

    def test_look_for_the_beginning_of_long_words(self) -> None:
        assert terms("x" * 100) == ("x" * MAX_TOKEN,)


def test_of_a_row_say_where_they_are() -> None:
    sources = Sources(names=("name",), addresses=("email",), texts=("bio",))

    assert sources.key({"name": "Bo", "email": "b@c", "bio": "Bo b"}) == "nbo no ab ac tbo tb"
    assert sources.key({"name": "!", "email": None, "bio": ""}) is None
