"""What the `benchmark.py` of a module's tests declares, each of it optional:

- `ROWS`: the tables to fill, and the SQL that does it with the rows `:first` to `:last`.
- `OWNED`: (table, column, email) of rows, of which each of the email's `ACCOUNTS` gets `OWN`.
- `READS`: what `reads` measures. `LISTS`: what `growth` measures, while the tables in `ROWS` grow.
"""

import dataclasses as dc
from typing import Any

from benchmarks.table import Goal, at_least
from halolight.modules import find

ADMIN = "person1@example.com"
ORDINARY = "person2@example.com"  # holds the role `user` and owns OWN documents and files
OWN = 50  # rows of each of several kinds that each account has

# One user may have 8 requests under way; more would measure how they wait.
ACCOUNTS = {
    ADMIN: [f"person{number}@example.com" for number in (1, 3, 4, 5)],
    ORDINARY: [f"person{number}@example.com" for number in (2, 6, 7, 8)],
}

LIST = at_least(0.40)  # of the requests per second of the bare Flask route
ONE = at_least(0.45)
FIGURES = at_least(0.35)


@dc.dataclass(frozen=True)
class Read:
    """A GET, who sends it, and its goals: the ratio to the bare route, perhaps a rate."""

    name: str
    path: str
    ratio: Goal | None = None
    who: str | None = ADMIN
    rate: Goal | None = None


@dc.dataclass(frozen=True)
class GrowingList:
    """A list, the table that it shows, and who reads it."""

    name: str
    table: str
    path: str
    who: str = ADMIN


def declared(name: str) -> list[Any]:
    """All that modules declare under this name."""
    return [
        each for module in find("benchmark", "tests.modules") for each in getattr(module, name, ())
    ]
