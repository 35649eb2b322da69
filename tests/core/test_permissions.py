from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halolight.core.permissions import ACTIONS, allows, normalise

RESOURCES = ("documents", "files", "doc")
GRANTS = ["*", *(f"{r}:{a}" for r in RESOURCES for a in (*ACTIONS, "*"))]


def oracle(granted: frozenset[str], needed: str) -> bool:
    """The rule once more, step by step: the same, everything of its resource, or everything."""
    for grant in granted:
        if grant in {"*", needed}:
            return True
        if grant.endswith(":*") and needed != "*" and grant.split(":")[0] == needed.split(":")[0]:
            return True
    return False


class TestAllows:
    @pytest.mark.parametrize(
        ("granted", "needed", "expected"),
        [
            ({"documents:view"}, "documents:view", True),
            ({"documents:*"}, "documents:view", True),
            ({"*"}, "documents:view", True),
            ({"files:view", "documents:view"}, "documents:view", True),
            (set(), "documents:view", False),
            ({"documents:view"}, "documents:update", False),
            ({"documents:manage"}, "documents:view", False),
            ({"files:*"}, "documents:view", False),
            ({"documents"}, "documents:view", False),
            ({"document:*"}, "documents:view", False),
            ({"documents:vie"}, "documents:view", False),
            ({"*:view"}, "documents:view", False),
            ({"documents:*"}, "documents:*", True),
            ({"documents:view"}, "documents:*", False),
            ({"documents:*", "files:*"}, "*", False),
            ({"*"}, "*", True),
        ],
    )
    def test_knows_the_wildcards_and_nothing_cleverer(
        self, granted: set[str], needed: str, expected: bool
    ) -> None:
        assert allows(granted, needed) is expected

    @settings(max_examples=100, deadline=None, database=None)
    @given(st.randoms(use_true_random=True))
    def test_agrees_with_the_oracle(self, random: Random) -> None:
        for _ in range(100):
            granted, needed = frozenset(random.sample(GRANTS, 3)), random.choice(GRANTS)

            assert allows(granted, needed) is oracle(granted, needed), (granted, needed)


class TestNormalise:
    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            ("documents:view", "documents:view"),
            ("documents:edit", "documents:update"),
            ("documents:update", "documents:update"),
            ("documents:read", "documents:view"),
            ("documents:list", "documents:view"),
            ("files:upload", "files:create"),
            ("messages:send", "messages:create"),
            ("notifications:create", "notifications:manage"),
            ("documents:*", "documents:*"),
            ("*", "*"),
            (" Documents:VIEW ", "documents:view"),
            ("FILES:Upload", "files:create"),
        ],
    )
    def test_gives_the_stored_form(self, sent: str, stored: str) -> None:
        assert normalise(sent) == stored

    @pytest.mark.parametrize("action", [*ACTIONS, "*"])
    def test_changes_nothing_that_is_stored_already(self, action: str) -> None:
        assert normalise(f"documents:{action}") == f"documents:{action}"

    @pytest.mark.parametrize(
        "sent",
        [
            "",
            ":",
            "documents",
            "documents:",
            ":view",
            "documents:fly",
            "documents:view:all",
            "documents view",
            "*:view",
            "*:*",
            "**",
            "docu*:view",
            "documents:up*",
            "documents:view\nfiles:view",
            "documents:send",
            "1documents:view",
            f"{'d' * 41}:view",
        ],
    )
    def test_refuses_what_is_none(self, sent: str) -> None:
        with pytest.raises(ValueError, match="is not a permission like documents:view"):
            normalise(sent)
