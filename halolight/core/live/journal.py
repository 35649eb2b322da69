"""The journal of live events: written in the transaction of each change.

Every user has entries of their own, numbered without a gap. The row of their position is locked
until the transaction ends, so a number becomes visible after all lower ones, which ids of a
sequence do not. A reader that has got number 5 needs nothing but `number > 5`, on any machine.

An entry holds ids and single words, never a text: what they refer to is read when it is sent.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from halolight.core.clock import utcnow
from halolight.core.db.among import Among
from halolight.core.db.base import Database, Model
from halolight.core.db.reads import Row

KEPT = dt.timedelta(days=1)  # how long entries are kept, and written for users without a stream
RECENT = KEPT - dt.timedelta(hours=1)  # the clocks of several machines differ

Wake = Callable[[Session, Collection[int]], None]


class StreamPosition(Model):
    """The number of a user's last entry, and when they last opened a stream.

    Without a foreign key, as the entries: a writer does not wait for an account that is deleted.
    """

    __tablename__ = "stream_positions"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    opened_at: Mapped[dt.datetime] = mapped_column()


class StreamEntry(Model):
    """An event for a user."""

    __tablename__ = "stream_entries"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[dt.datetime] = mapped_column()


class Told(NamedTuple):
    """An event that is recorded for these users when the transaction commits."""

    user_ids: frozenset[int]
    kind: str
    facts: tuple[tuple[str, int | str], ...]


def following() -> sa.ColumnElement[bool]:
    """Whether a user has an open stream, or had one recently."""
    return StreamPosition.opened_at > utcnow() - KEPT


# In the order of the users, as all writers lock them, and after all other rows but those of the
# audit trail.
_LOCK = (
    sa.select(StreamPosition.user_id, StreamPosition.last)
    .where(
        Among(StreamPosition.user_id, "ids"),
        StreamPosition.opened_at > sa.bindparam("since", type_=StreamPosition.opened_at.type),
    )
    .order_by(StreamPosition.user_id)
    .with_for_update()
)
_ADVANCE = (
    sa.update(StreamPosition.__table__)  # type: ignore[arg-type]
    .where(Among(StreamPosition.user_id, "ids"))
    .values(last=StreamPosition.last + sa.bindparam("more", type_=sa.BigInteger))
)
_ENTRIES = (
    sa.select(StreamEntry.user_id, StreamEntry.number, StreamEntry.kind, StreamEntry.facts)
    .where(
        StreamEntry.user_id == sa.bindparam("user_id"), StreamEntry.number > sa.bindparam("after")
    )
    .order_by(StreamEntry.number)
    .limit(sa.bindparam("most"))
)


class Journal:
    """`wake` is called in the transaction, with the ids of the users who have new entries."""

    def __init__(self, db: Database, wake: Wake) -> None:
        self._db = db
        self._wake = wake
        # Before the audit trail is written, whose rows are locked last.
        sa.event.listen(db.session, "before_commit", self._write, insert=True)
        sa.event.listen(db.session, "after_soft_rollback", _forget)

    def tell(self, user_ids: Iterable[int], kind: str, facts: Mapping[str, int | str]) -> None:
        """Add an entry for each user to the current transaction."""
        told = Told(frozenset(user_ids), kind, tuple(facts.items()))
        if told.user_ids:  # in their order, and each once
            self._db.session().info.setdefault("told", {})[told] = None

    def _write(self, session: Session) -> None:
        if session.in_nested_transaction() or not (pending := session.info.pop("told", None)):
            return
        ids = frozenset[int]().union(*(told.user_ids for told in pending))
        locked = self._db.execute(_LOCK, ids=ids, since=utcnow() - KEPT)
        before = {row.user_id: row.last for row in locked}
        if not before:  # none of them has opened a stream recently
            return
        last = dict(before)
        self._db.add_rows(StreamEntry, [*_numbered(pending, last)])
        for more, users in _by_number({id_: last[id_] - before[id_] for id_ in before}).items():
            self._db.later(_ADVANCE, ids=users, more=more)
        self._wake(session, before.keys())

    def entries(self, user_id: int, after: int, most: int) -> Sequence[Row]:
        """The next entries of a user."""
        return self._db.rows(_ENTRIES, user_id=user_id, after=after, most=most)

    def begin(self, user_id: int) -> int:
        """Note that a user opens a stream; return the number of their last entry.

        If the user was away for so long that entries were no longer written, a number is skipped,
        so that the client notices the gap.
        """
        now = utcnow()
        insert = self._db.insert(StreamPosition).values(user_id=user_id, last=0, opened_at=now)
        missed = sa.case((StreamPosition.opened_at > now - RECENT, 0), else_=1)
        noted = insert.on_conflict_do_update(
            index_elements=["user_id"],
            set_={"opened_at": now, "last": StreamPosition.last + missed},
        )
        last: int = self._db.session.execute(noted.returning(StreamPosition.last)).scalar_one()
        self._db.session.commit()
        return last

    def prune(self) -> int:
        """Delete expired entries; return their number."""
        old = sa.delete(StreamEntry).where(StreamEntry.created_at <= utcnow() - KEPT)
        result: sa.CursorResult[Any] = self._db.session.execute(old)  # type: ignore[assignment]
        self._db.session.commit()
        return result.rowcount


def _numbered(pending: Iterable[Told], last: dict[int, int]) -> Iterable[dict[str, Any]]:
    """The rows of the pending events for the users in `last`, which gets their new numbers."""
    now = utcnow()
    for told in pending:
        for user_id in sorted(told.user_ids & last.keys()):
            last[user_id] += 1
            yield {
                "user_id": user_id,
                "number": last[user_id],
                "kind": told.kind,
                "facts": dict(told.facts),
                "created_at": now,
            }


def _by_number(numbers: Mapping[int, int]) -> dict[int, list[int]]:
    users = defaultdict(list)
    for user_id, number in numbers.items():
        users[number].append(user_id)
    return users


def _forget(session: Session, transaction: Any) -> None:
    """Drop pending events on rollback. After a savepoint, an event may be sent twice."""
    if not transaction.nested:
        session.info.pop("told", None)
