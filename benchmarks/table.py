"""Tables in Markdown, with the goal beside a figure."""

import dataclasses as dc
import operator
from collections.abc import Callable, Iterable, Sequence

SIGNS: dict[str, Callable[[float, float], bool]] = {
    "≥": operator.ge,
    "≤": operator.le,
    "<": operator.lt,
}


@dc.dataclass(frozen=True)
class Goal:
    """A goal for a figure."""

    sign: str
    bound: float

    def judge(self, value: float, form: str = ".2f") -> str:
        """The figure, its goal and whether it is met."""
        return f"{value:{form}} ({self.sign} {self.bound:,g}: {self.verdict(value)})"

    def verdict(self, value: float) -> str:
        return "met" if SIGNS[self.sign](value, self.bound) else "**missed**"


def at_least(bound: float) -> Goal:
    return Goal("≥", bound)


def within(bound: float) -> Goal:
    return Goal("≤", bound)


def under(bound: float) -> Goal:
    return Goal("<", bound)


def show(value: float, goal: Goal | None, form: str = ".2f") -> str:
    """A figure that may have a goal."""
    return goal.judge(value, form) if goal else f"{value:{form}}"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table: the first column is text, the others are figures."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
