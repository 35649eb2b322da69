"""Objects that users own: who sees them, who may change them, and how to read and lock them.

    DOCUMENTS = Resource(
        *(db, Document, _("Document"), _("documents")),
        permission="documents",
        owner=Document.author_id,
        shared=SHARED_IDS,
    )

    DOCUMENTS.page(user, LISTING, query)  # a list
    DOCUMENTS.get(user, STATEMENT, id)  # one row, or 404
    DOCUMENTS.lock(user, ids, to="edit")  # entities to change, or 404, or 403

Users who hold `documents:manage` see and change all documents. What is declared without a
`permission`, as products are, belongs to nobody: it is seen and changed by every user whom the
endpoint lets in.
"""

import dataclasses as dc
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

from halolight.core import permissions
from halolight.core.access import CurrentUser
from halolight.core.clock import utcnow
from halolight.core.errors import Conflict, Forbidden, NotFound
from halolight.core.i18n import Listed, Message, _

from .among import Among
from .arrays import InArray
from .base import Database, UTCDateTime
from .listing import EVERYTHING, NOTHING, Listing, Page
from .paging import Condition, Scope, Statement
from .reads import Row
from .writing import loaded

Entity = TypeVar("Entity", bound=DeclarativeBase)

# The parameters of conditions and statements.
CALLER = sa.bindparam("caller", type_=sa.Integer)  # the id of the signed-in user
NOW = sa.bindparam("now", type_=UTCDateTime())
ID = sa.bindparam("id", type_=sa.Integer)  # of the thing that `get` and `rows` read
OWNER = sa.bindparam("owner_id", type_=sa.Integer)

MOST_OWNED = 10_000  # of each kind of thing that one user may own, unless it says another number


@dc.dataclass(frozen=True, eq=False)
class Resource(Generic[Entity]):
    """One kind of owned thing. Declared once, in `queries.py` of its module."""

    db: Database
    entity: type[Entity]
    noun: Message  # in messages: "Document not found."
    nouns: Message  # "documents"
    permission: str | None = None  # `documents`, of `documents:view` and `documents:manage`
    where: Condition = EVERYTHING  # the rows of the table that are such things
    owner: Any = None  # the column with the id of its owner
    shared: sa.SelectBase | None = None  # the ids of what others share with `CALLER`, at `NOW`
    one_shared: Condition | None = None  # the same of the row whose id is `ID`, if that is faster
    visible: Condition = EVERYTHING  # to `CALLER`, at `NOW`, of things that have no `shared`
    editable: Condition | None = None  # by `CALLER`; without it by the owner alone
    most_owned: int = MOST_OWNED
    _narrowed: dict[Any, Statement] = dc.field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.permission:
            permissions.KNOWN[self._manage] = ["See and change everyone's"]

    @property
    def not_found(self) -> Message:
        return _("{noun} not found.", code="not_found", noun=self.noun)

    @property
    def read_only(self) -> Message:
        return _("You may view this, but not change it.")

    def manages(self, user: CurrentUser) -> bool:
        """Whether the user sees and changes everyone's."""
        return self.permission is not None and user.can(self._manage)

    def owns(self, user: CurrentUser, owner_id: int | None) -> bool:
        """Whether the user has the rights of this owner."""
        return owner_id == user.id or self.manages(user)

    def scope(self, user: CurrentUser) -> Scope:
        """The rows that the user sees: a constant, with the parameters of `params`."""
        return (self.where,) if self.manages(user) else self._visible

    def scope_if_granted(self, user: CurrentUser) -> Scope:
        """As `scope`, where no endpoint has asked for the `view` permission yet."""
        if self.manages(user) or user.can(f"{self.permission}:view"):
            return self.scope(user)
        return (NOTHING,)

    def seen_by(self, user: CurrentUser) -> Condition:
        """The rows that the user sees, in one condition."""
        return self.where if self.manages(user) else self.seen

    @cached_property
    def seen(self) -> Condition:
        """The rows that `CALLER` sees without the permission to manage all."""
        return sa.or_(*self._visible)

    @staticmethod
    def params(user: CurrentUser) -> dict[str, Any]:
        """The values of `CALLER` and `NOW`."""
        return {"caller": user.id, "now": utcnow()}

    def page(
        self,
        user: CurrentUser,
        listing: Listing,
        query: Mapping[str, Any],
        *,
        shown: Listing | None = None,
    ) -> Page:
        """A page of a list, of the rows that the user sees.

        `shown` is the same list with the columns that users see who do not manage.
        """
        if shown and not self.manages(user):
            listing = shown
        return listing.page(query, *self.scope(user), **self.params(user))

    def get(
        self, user: CurrentUser, statement: Statement, id_: int, *, shown: Statement | None = None
    ) -> Row:
        """As `rows`, of a statement that finds one row."""
        return self.rows(user, statement, id_, shown=shown)[0]

    def rows(
        self, user: CurrentUser, statement: Statement, id_: int, *, shown: Statement | None = None
    ) -> Sequence[Row]:
        """The rows that a statement, which is a constant, finds of the thing with this id.

        `shown` is the same statement with the columns that users see who do not manage. Raises
        `NotFound` if the user sees no row.
        """
        manages = self.manages(user)
        key = (statement if manages or shown is None else shown, manages)
        narrowed = self._narrowed.get(key)
        if narrowed is None:
            condition = self.where if manages else self._one_visible
            narrowed = self._narrowed[key] = key[0].where(self._id == ID, condition)
        rows = self.db.rows(narrowed, id=id_, **self.params(user))
        if not rows:
            raise NotFound(self.not_found)
        return rows

    def lock(
        self,
        user: CurrentUser,
        ids: Sequence[int],
        *,
        to: Literal["view", "edit", "share", "delete"],
    ) -> Sequence[Entity]:
        """These entities, locked in the order of their ids: two callers cannot block each other.

        Raises `NotFound` if the user does not see one of them, `Forbidden` if the user may not do
        this `to` one of them: only the owner shares and deletes.
        """
        rows = self.db.execute(
            self._locking("manage" if self.manages(user) else to), ids=ids, **self.params(user)
        )
        model: Any = self.entity
        found: list[Any] = self.db.entities(model, rows)
        if missing := set(ids) - {each.id for each in found}:
            if len(ids) == 1:
                raise NotFound(self.not_found)
            raise NotFound(
                _(
                    "These {nouns} were not found: {ids}.",
                    nouns=self.nouns,
                    ids=Listed(sorted(missing)),
                )
            )
        if not all(row.allowed for row in rows):
            raise Forbidden(self.read_only)
        return found

    def _locking(self, to: str) -> Statement:
        """The statement that locks, with the columns of the entity and whether it is `allowed`."""
        statement = self._narrowed.get(to)
        if statement is None:
            model: Any = self.entity
            manages = to == "manage"
            allowed = EVERYTHING if manages else self._allowed[to]
            statement = self._narrowed[to] = (
                sa.select(*loaded(model), allowed.label("allowed"))
                .where(Among(self._id, "ids"), self.where if manages else self.seen)
                .order_by(self._id)
                .with_for_update(of=self.entity)
            )
        return statement

    def check_room(self, owner_id: int, number: int = 1) -> None:
        """Refuse (409) so many more of them to an owner who would have too many."""
        [[have]] = self.db.execute(self.owned, owner_id=owner_id)
        self.check_number(have, number)

    def check_number(self, have: int, number: int = 1) -> None:
        """The same for an owner who has so many."""
        if have + number > self.most_owned:
            full = _(
                "You can have at most {most:,} {nouns}. Delete some first.",
                most=self.most_owned,
                nouns=self.nouns,
            )
            raise Conflict(full)

    @cached_property
    def owned(self) -> sa.Select[int]:
        """How many of them `OWNER` has; it counts no further than to the limit."""
        owned = sa.select(self._id).where(self.where, self.owner == OWNER).limit(self.most_owned)
        return sa.select(sa.func.count()).select_from(owned.subquery())

    @cached_property
    def _manage(self) -> str:
        return f"{self.permission}:manage"

    @property
    def _id(self) -> Any:
        return sa.inspect(self.entity).all_orm_descriptors["id"]

    @cached_property
    def _visible(self) -> Scope:
        """What users own, and what others share with them."""
        if self.shared is None:
            return (self._among(self.visible),)
        shared = InArray(self._id, self.shared)
        not_owned = self.owner.is_distinct_from(CALLER)
        return self._among(self.owner == CALLER), self._among(sa.and_(shared, not_owned))

    @cached_property
    def _one_visible(self) -> Condition:
        if self.one_shared is None:
            return self.seen
        return self._among(sa.or_(self.owner == CALLER, self.one_shared))

    def _among(self, condition: Condition) -> Condition:
        """`EVERYTHING` has to stay the same object: a `Listing` counts it by triggers."""
        return condition if self.where is EVERYTHING else sa.and_(self.where, condition)

    @cached_property
    def _allowed(self) -> Mapping[str, Condition]:
        without_owner = NOTHING if self.permission else EVERYTHING
        owned = without_owner if self.owner is None else self.owner == CALLER
        editable = owned if self.editable is None else self.editable
        return {"view": EVERYTHING, "edit": editable, "share": owned, "delete": owned}
