"""Reporters that receive unexpected errors, in addition to the log."""

from collections.abc import Callable

Report = Callable[[BaseException, str], None]
_reporters: list[Report] = []


def reporter(function: Report) -> Report:
    """Register a callback for each such error and the place where it happened."""
    if function not in _reporters:
        _reporters.append(function)
    return function


def report(error: BaseException, place: str) -> None:
    """`place` is the route of a request or the name of a background task."""
    for function in _reporters:
        function(error, place)
