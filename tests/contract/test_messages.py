"""Every text for people is in the table of translations, and each reason has a documented code."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from halolight.core import i18n
from halolight.core.errors import CODES, DETAIL_CODES

# What takes a text for people, and where: the places of arguments, and their names.
TAKES_TEXT = {
    **dict.fromkeys(("ValidationError", "compose"), 0),
    **dict.fromkeys(("notify", "notify_all", "response", "Regexp", "set_message"), 0),
    **dict.fromkeys(("Invalid", "Unauthorized", "Forbidden", "NotFound", "Conflict"), 0),
    **dict.fromkeys(
        ("PayloadTooLarge", "UnsupportedMediaType", "TooManyRequests", "InvalidRule"), 0
    ),
}
NAMED = {"title", "content", "message", "error", "refusal"}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """All calls in the package: where each is, what it calls, and its tree."""
    package = Path(i18n.__file__).parent.parent
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                yield f"{path.relative_to(package)}:{node.lineno}", name, node


def marked() -> list[tuple[str, list[str], str | None]]:
    """The texts that are marked for translation: where, the forms (the last is the key), the code.

    Fails where one is put together when the code runs: nobody could have translated it.
    """
    found = []
    for where, name, call in calls():
        if name not in ("_", "plural"):
            continue
        forms = call.args[: 2 if name == "plural" else 1]
        assert all(isinstance(form, ast.Constant) for form in forms), where
        codes = [word.value for word in call.keywords if word.arg == "code"]
        code = str(codes[0].value) if codes and isinstance(codes[0], ast.Constant) else None
        found.append((where, [str(form.value) for form in forms], code))  # type: ignore[attr-defined]
    return found


def slots(text: str) -> set[str]:
    """The values that a text names: `{most:,}` -> `most:,`."""
    parts = string.Formatter().parse(text)
    return {f"{name}:{spec}" for _, name, spec, _ in parts if name is not None}


class TestTheTable:
    @pytest.mark.parametrize("language", [each for each in i18n.LANGUAGES if each != "en"])
    def test_has_every_text_and_no_other(self, language: str) -> None:
        table = i18n.translations(language)
        used = {forms[-1] for _, forms, _ in marked()}
        assert len(used) > 250
        assert used - table.keys() == set(), "texts that lack a translation"
        assert table.keys() - used == set(), "translations of texts that are gone"

    def test_names_the_same_values_in_each_language(self) -> None:
        table = i18n.translations("zh")
        for where, forms, _ in marked():
            assert {frozenset(slots(text)) for text in (*forms, table[forms[-1]])} == {
                frozenset(slots(forms[0]))
            }, where

    def test_ends_sentences_with_a_full_stop_and_titles_with_none(self) -> None:
        ends = {".": "。", "…": "。", "\n": "\n"}
        for english, chinese in i18n.translations("zh").items():
            end = ends.get(english[-1])
            assert chinese[-1] == end if end else chinese[-1] not in "。.", english
            assert not any(mark in chinese for mark in (", ", "! ", "? ", " (")), chinese

    def test_is_passed_by_no_text(self) -> None:
        """A text that is given as it is would be English for everybody."""
        passing = []
        for where, name, call in calls():
            if name in TAKES_TEXT and "commands.py" not in where:
                named = [word.value for word in call.keywords if word.arg in NAMED]
                first = call.args[:1] if name not in ("notify", "response", "Regexp") else []
                passing += [where for text in (*first, *named) if _is_text(text)]
        assert passing == []

    def test_of_codes_is_the_documented_one(self, project: Path) -> None:
        used = {code for _, _, code in marked() if code}
        others = {"invalid", "too_small", "too_large"}  # the default; decided when the code runs
        assert used | others == DETAIL_CODES.keys()
        page = (project / "docs" / "api.md").read_text()
        for code, meaning in DETAIL_CODES.items():
            assert f"| `{code}` | {meaning} |" in page, code
        for status, code in CODES.items():
            assert f"| {status} | `{code}` |" in page, code


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    )
