"""Reads the mutants.

An area is a TOML file with one table per mutant, named by its id: the `file`, the text in it that
is replaced (`old`, which occurs once) and by what (`new`), the `tests` that must fail, and the
`database` they run on.
"""

import dataclasses as dc
import tomllib
from collections.abc import Iterator
from pathlib import Path

from halolight.config import PROJECT

FOLDER = Path(__file__).parent


@dc.dataclass(frozen=True)
class Mutant:
    id: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    database: str  # sqlite, postgresql, or both: whatever the tests need

    def applied(self, text: str) -> str:
        """The text of the file with the fault in it. Raises ValueError if `old` is not unique."""
        if (found := text.count(self.old)) != 1:
            raise ValueError(f"{self.id}: {self.old!r} occurs {found} times in {self.file}")
        return text.replace(self.old, self.new)

    def check(self) -> None:
        """Raises ValueError or OSError if it does not fit the code as it is."""
        self.applied((PROJECT / self.file).read_text())
        for test in self.tests:
            if not (PROJECT / test.partition("::")[0]).exists():
                raise ValueError(f"{self.id}: there is no {test}")


def mutants() -> Iterator[Mutant]:
    for area in sorted(FOLDER.glob("*.toml")):
        for name, fields in tomllib.loads(area.read_text()).items():
            tests = tuple(fields.pop("tests"))
            yield Mutant(id=name, tests=tests, database=fields.pop("database", "sqlite"), **fields)
