"""Functions that one module calls, and that the modules above it register."""

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Hooks(Generic[P]):
    """What follows a change. Used as a decorator, it registers a function."""

    def __init__(self) -> None:
        self._functions: list[Callable[P, None]] = []

    def __call__(self, function: Callable[P, None]) -> Callable[P, None]:
        self._functions.append(function)
        return function

    def run(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call each function, in the order of their registration."""
        for function in self._functions:
            function(*args, **kwargs)
