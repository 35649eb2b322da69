"""One setting: how `Config` declares it, and how it is read from the environment."""

import dataclasses as dc
from collections.abc import Callable, Mapping
from typing import Any

# The default of CORS_ORIGINS. In development it means that nobody has set it, see `any_loopback`.
DEFAULT_ORIGINS = ("http://localhost:3000",)

# What production limits unless a setting says otherwise.
LIMITS = {
    "REGISTRATIONS_PER_ADDRESS": "10/hour",
    "MAILS_PER_RECIPIENT": "10/hour",
    "MAILS_PER_UNVERIFIED_RECIPIENT": "3/day",
    "NOTIFICATIONS_PER_PAIR": "10/hour",
}


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
