"""Many values in one case, for tests that change nothing.

A case of its own for each value costs an empty database, users and whatever else the fixtures
make: many times what one refused request does.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Test = Callable[..., None]


def each(names: str | Sequence[str], values: Iterable[Any]) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, in one case, which fails with all the values that fail.

    Use it where no value leaves anything behind that the next one could notice: for reads, and for
    what is refused.
    """
    keys = names.split(", ") if isinstance(names, str) else list(names)
    tried = [dict(zip(keys, _unpacked(value, len(keys)), strict=True)) for value in values]
    assert tried, "there is no value to try"

    def decorate(test: Test) -> Test:
        signature = inspect.signature(test)

        @functools.wraps(test)
        def test_each(*args: Any, **kwargs: Any) -> None:
            failures = []
            for given in tried:
                try:
                    test(*args, **kwargs, **given)
                except Exception as error:
                    error.add_note(f"with {given!r}")
                    failures.append(error)
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(tried)} values", failures)

        others = [p for name, p in signature.parameters.items() if name not in keys]
        test_each.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
        return test_each

    return decorate


def _unpacked(value: Any, number: int) -> Sequence[Any]:
    """The values of one try."""
    return [value] if number == 1 else value
