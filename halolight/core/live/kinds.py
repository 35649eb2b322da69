"""The kinds of events in a stream, as the modules declare them."""

import dataclasses as dc
from collections.abc import Callable, Collection, Mapping
from typing import Any

from halolight.core import permissions

UNREAD = "unread"  # the kind of changes to unread counts only, and the event with the counts

Granted = frozenset[str]
Refers = tuple[int, int]  # the id of a user, and that of the object of an event

# The data of each object that the user may still see.
Load = Callable[[Collection[Refers]], Mapping[Refers, Any]]
Count = Callable[[Collection[int]], Mapping[int, int]]


@dc.dataclass(frozen=True)
class Kind:
    """A kind of event. `load` reads its data; without `load`, the data are the facts of the entry.

    `permission` may contain a fact: `{resource}:view`. A kind that `counts` may change an unread
    count; one that does not send (`sends`) is recorded only for that.
    """

    permission: str
    load: Load | None = None
    counts: bool = False
    sends: bool = True

    def needs(self, facts: Mapping[str, Any]) -> str:
        """The permission to get an event with these facts."""
        return self.permission.format_map(facts)


@dc.dataclass(frozen=True)
class Counter:
    """An unread count, for users with the permission only."""

    permission: str
    count: Count

    def is_for(self, granted: Granted) -> bool:
        return permissions.allows(granted, self.permission)


@dc.dataclass(frozen=True, slots=True)
class SessionState:
    """What the database knows of the session of a stream."""

    permissions: Granted
    last: int  # the number of the last entry of its user
    ended: str | None = None  # the reason, if it has ended


# The states of these sessions, by id; one that does not exist any more has none.
Check = Callable[[Collection[int]], Mapping[int, SessionState]]


class Kinds:
    """All kinds of events and counts, by name, and the check of sessions."""

    def __init__(self) -> None:
        self.kinds = {UNREAD: Kind("", counts=True, sends=False)}
        self.counters: dict[str, Counter] = {}
        self.check: Check = lambda _: {}

    def kind(
        self, name: str, *, permission: str, load: Load | None = None, counts: bool = False
    ) -> None:
        self.kinds[name] = Kind(permission, load, counts)

    def counter(self, name: str, *, permission: str, count: Count) -> None:
        self.counters[name] = Counter(permission, count)

    def checks_sessions(self, check: Check) -> Check:
        """Register the function that reads the states of sessions."""
        self.check = check
        return check
