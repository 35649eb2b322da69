"""One setting: how `Config` declares it, and how it is read from the environment."""

import dataclasses as dc
from collections.abc import Callable, Mapping
from typing import Any


class SettingError(SystemExit):
    """A wrong setting. Uncaught it ends the process with this one line and status 1."""

    def __init__(self, name: str, fault: object, example: str) -> None:
        super().__init__(f"{name}: {fault} (example: {name}={example})")


def setting(
    default: Any, parse: Callable[[str], Any], *, example: str, about: str, shown: str = ""
) -> Any:
    """A field of `Config`: how its text is parsed, and how docs/settings.md describes it.

    `shown` is the default as a person writes it, where that is not the example.
    """
    metadata = {"parse": parse, "example": example, "about": about, "shown": shown or example}
    return dc.field(default=default, metadata=metadata)


def read(field: "dc.Field[Any]", env: Mapping[str, str]) -> Any:
    text = env[field.name].strip()
    try:
        return field.metadata["parse"](text)
    except ValueError as fault:
        raise SettingError(field.name, fault, field.metadata["example"]) from None
