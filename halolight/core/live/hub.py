"""The open streams of this worker, and the task that sends events to them.

One task serves all of them. It reads new entries when it is woken, for the named users, and every
two seconds for all, in case a wake-up was lost. So a stream needs no connection to the database.
"""

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from prometheus_client import Gauge

from halolight.core import permissions
from halolight.core.db.reads import Row
from halolight.core.errors import ServiceUnavailable, TooManyRequests

from .journal import Journal
from .kinds import UNREAD, Kind, Kinds, Refers, SessionState
from .streams import Stream, event, event_id, reconnect

MOST_OF_USER = 5  # streams of a user in a worker
MOST = 1_000  # streams of a worker
MOST_REPLAYED = 1_000  # events that a client may have missed; one that missed more starts anew
AT_ONCE = 20  # users whose events are read together
RETRY_AFTER = 5.0  # seconds

GONE = SessionState(frozenset(), 0, "expired")  # of a session that was deleted
UNKNOWN = Kind("", sends=False)  # of an entry that newer code has written

OPEN = Gauge("streams_open", "Open streams of events", multiprocess_mode="livesum")


class Entry(NamedTuple):
    """An entry of the journal with its data. Without data, it is not sent."""

    number: int
    kind: str
    data: Any
    permission: str
    counts: bool


class Behind(NamedTuple):
    """The streams of a user that have not received all entries up to the last."""

    last: int
    streams: list[Stream]


class Streams:
    """All streams of this worker, by user."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_user: dict[int, list[Stream]] = {}
        self._number = 0

    def add(self, stream: Stream) -> None:
        """Raises `TooManyRequests` at the user's limit, `ServiceUnavailable` at the worker's."""
        self._drop_gone(stream.user_id)
        with self._lock:
            of_user = self._of_user.get(stream.user_id, [])
            if len(of_user) >= MOST_OF_USER:
                raise TooManyRequests(RETRY_AFTER, reason="streams")
            if self._number >= MOST:
                raise ServiceUnavailable
            self._of_user[stream.user_id] = [*of_user, stream]
            self._count(+1)
        stream.closed = self._remove

    def _drop_gone(self, user_id: int) -> None:
        """A client that has gone is noticed when something is sent to it, which may be later."""
        streams = self._of_user.get(user_id, [])
        if len(streams) >= MOST_OF_USER:
            for stream in streams:
                if stream.has_gone():
                    stream.close()

    def _remove(self, stream: Stream) -> None:
        with self._lock:
            of_user = self._of_user.pop(stream.user_id, [])
            if stream in of_user:
                self._count(-1)
            if rest := [each for each in of_user if each is not stream]:
                self._of_user[stream.user_id] = rest

    def _count(self, more: int) -> None:
        self._number += more
        OPEN.set(self._number)

    def users(self) -> set[int]:
        with self._lock:
            return set(self._of_user)

    def of(self, user_ids: Iterable[int]) -> list[Stream]:
        """The streams of these users that have not ended."""
        return [s for id_ in user_ids for s in self._of_user.get(id_, ()) if not s.ended]


class Hub:
    def __init__(self, journal: Journal, kinds: Kinds) -> None:
        self._journal = journal
        self._kinds = kinds
        self._streams = Streams()
        self._woken: set[int] = set()
        self._stopping = False

    def open(self, stream: Stream) -> None:
        """Serve a stream from now on. Raises as `Streams.add`."""
        self._streams.add(stream)
        if self._stopping:
            stream.end(reconnect("stopping"))

    def stop(self) -> None:
        """Send `reconnect` to all clients, and end their streams."""
        self._stopping = True
        for stream in self._streams.of(self._streams.users()):
            stream.end(reconnect("stopping"))

    def wake(self, user_ids: Iterable[int] | None) -> bool:
        """Serve these users next, or all; return whether any of them has a stream here."""
        here = self._streams.users()
        if user_ids is not None:
            here.intersection_update(user_ids)
        self._woken |= here
        return bool(here)

    def look(self, *, at_all: bool) -> None:
        """Send new entries to the users that were woken, or to all, and end expired streams."""
        woken, self._woken = self._woken, set()
        try:
            self._serve(self._streams.users() if at_all else woken)
        except BaseException:
            self._woken |= woken
            raise

    def _serve(self, user_ids: Collection[int]) -> None:
        streams = self._streams.of(user_ids)
        if not streams:
            return
        states = self._kinds.check({stream.session_id for stream in streams})
        behind: dict[int, Behind] = {}
        for stream in streams:
            state = states.get(stream.session_id, GONE)
            if _goes_on(stream, state) and (stream.counts is None or stream.after != state.last):
                behind.setdefault(stream.user_id, Behind(state.last, [])).streams.append(stream)
        users = sorted(behind)
        for start in range(0, len(users), AT_ONCE):
            self._bring({user_id: behind[user_id] for user_id in users[start : start + AT_ONCE]})

    def _bring(self, behind: Mapping[int, Behind]) -> None:
        """Send new entries to the streams of these users."""
        rows = {user_id: self._rows(user_id, each) for user_id, each in behind.items()}
        data = self._data(row for of_user in rows.values() for row in of_user)
        counting: list[Stream] = []
        for user_id, (last, streams) in behind.items():
            entries = [self._entry(row, data) for row in rows[user_id]]
            for stream in streams:
                _send(stream, entries, last)
            if any(s.counts is None for s in streams) or any(e.counts for e in entries):
                counting += streams
        self._send_counts(counting)

    def _rows(self, user_id: int, behind: Behind) -> Sequence[Row]:
        """The entries after the lowest number that one of the streams has reached."""
        reached = [s.after for s in behind.streams if _can_go_on(s, behind.last)]
        if not reached or min(reached) == behind.last:
            return []
        return self._journal.entries(user_id, min(reached), 2 * MOST_REPLAYED)

    def _data(self, rows: Iterable[Row]) -> dict[str, Mapping[Refers, Any]]:
        """What the entries refer to, one read for each kind."""
        wanted = defaultdict(set)
        for row in rows:
            if (kind := self._kinds.kinds.get(row.kind)) and kind.load:
                wanted[row.kind].add((row.user_id, row.facts["id"]))
        return {name: self._load(name, refers) for name, refers in wanted.items()}

    def _load(self, name: str, refers: Collection[Refers]) -> Mapping[Refers, Any]:
        load = self._kinds.kinds[name].load
        return load(refers) if load else {}

    def _entry(self, row: Row, data: Mapping[str, Mapping[Refers, Any]]) -> Entry:
        """A row with its data, if the user may still see it and this code knows its kind."""
        kind = self._kinds.kinds.get(row.kind, UNKNOWN)
        shown = row.facts if kind.sends else None
        if kind.load:
            shown = data[row.kind].get((row.user_id, row.facts["id"]))
        return Entry(row.number, row.kind, shown, kind.needs(row.facts), kind.counts)

    def _send_counts(self, streams: Collection[Stream]) -> None:
        """Send the unread counts to these streams if they have changed."""
        if not streams:
            return
        user_ids = {stream.user_id for stream in streams}
        counters = self._kinds.counters
        counted = {name: counter.count(user_ids) for name, counter in counters.items()}
        for stream in streams:
            counts = {
                name: counted[name].get(stream.user_id, 0)
                if counter.is_for(stream.permissions)
                else 0
                for name, counter in counters.items()
            }
            if counts != stream.counts:
                stream.counts = counts
                stream.send(event(UNREAD, counts, event_id(stream.user_id, stream.after)))


def _goes_on(stream: Stream, state: SessionState) -> bool:
    """Whether the session is still valid for the stream; otherwise it is ended."""
    if state.ended:
        stream.end(event("session-ended", {"reason": state.ended}))
        return False
    if not state.permissions >= stream.permissions:
        stream.end(reconnect("permissions"))
        return False
    stream.permissions = state.permissions
    return True


def _can_go_on(stream: Stream, last: int) -> bool:
    return 0 <= last - stream.after <= MOST_REPLAYED


def _send(stream: Stream, entries: Sequence[Entry], last: int) -> None:
    """Send the entries that the stream has not received, or `reset` after a gap."""
    new = [entry for entry in entries if entry.number > stream.after]
    whole = new and new[-1].number - stream.after == len(new) and new[-1].number >= last
    if stream.after != last and not (whole and _can_go_on(stream, last)):
        stream.after = last
        stream.send(event("reset", {"reason": "gap"}, event_id(stream.user_id, last)))
        new = [entry for entry in entries if entry.number > last]
    for entry in new:
        stream.after = entry.number
        allowed = permissions.allows(stream.permissions, entry.permission)
        if allowed and entry.data is not None:
            id_ = event_id(stream.user_id, entry.number)
            stream.send(event(entry.kind, entry.data, id_))
