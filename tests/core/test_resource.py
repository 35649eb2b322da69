import dataclasses as dc
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from halolight.core import permissions
from halolight.core.access import CurrentUser
from halolight.core.db.base import Identified
from halolight.core.db.listing import EVERYTHING, NOTHING, Listing
from halolight.core.db.resource import CALLER, Resource
from halolight.core.errors import Conflict, Forbidden, NotFound
from halolight.core.i18n import _
from halolight.extensions import db


class Base(DeclarativeBase):
    """A table of these tests alone, which the application does not know."""


class Note(Identified, Base):
    __tablename__ = "test_notes"

    owner_id: Mapped[int] = mapped_column()
    public: Mapped[bool] = mapped_column()
    wiki: Mapped[bool] = mapped_column()


NOTE = sa.select(Note.id, Note.owner_id)
LISTING = Listing(db, Note, NOTE, {})
FIRST_PAGE = {"page": 1, "page_size": 10, "sort_by": "id", "sort_order": "asc"}
ANN, BEN = 1, 2
OWN, PUBLIC, WIKI, SECRET = 1, 2, 3, 4  # ids; all but the first are Ben's


def user(*granted: str) -> CurrentUser:
    return CurrentUser(ANN, "Ann", "user", frozenset(granted), session_id=1)


MANAGER = user("notes:manage")


@pytest.fixture
def notes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Resource[Note]]:
    """Notes that Ann sees when they are hers or public, and edits when they are hers or a wiki."""
    monkeypatch.setattr(permissions, "KNOWN", {})
    with app.app_context():
        Base.metadata.create_all(db.engine)
        for id_, owner, public, wiki in (
            *((OWN, ANN, False, False), (PUBLIC, BEN, True, False)),
            *((WIKI, BEN, True, True), (SECRET, BEN, False, False)),
        ):
            db.session.add(Note(id=id_, owner_id=owner, public=public, wiki=wiki))
        db.session.commit()
        yield Resource(
            *(db, Note, _("Note"), _("notes"), "notes"),
            owner=Note.owner_id,
            shared=sa.select(Note.id).where(Note.public),
            editable=sa.or_(Note.owner_id == CALLER, Note.wiki),
        )
        db.session.remove()
        Base.metadata.drop_all(db.engine)


class TestReads:
    def test_show_users_what_is_visible_to_them(self, notes: Resource[Note]) -> None:
        page = notes.page(user(), LISTING, FIRST_PAGE)

        assert [row.id for row in page.items] == [OWN, PUBLIC, WIKI]
        assert notes.get(user(), NOTE, PUBLIC).owner_id == BEN

    def test_show_everything_to_users_who_manage(self, notes: Resource[Note]) -> None:
        assert notes.page(MANAGER, LISTING, FIRST_PAGE).total == 4
        assert notes.get(MANAGER, NOTE, SECRET).id == SECRET

    @pytest.mark.parametrize("id_", [SECRET, 99])
    def test_find_nothing_else(self, notes: Resource[Note], id_: int) -> None:
        with pytest.raises(NotFound, match=r"^Note not found\.$"):
            notes.get(user(), NOTE, id_)

    def test_do_not_mix_up_users_who_share_a_statement(self, notes: Resource[Note]) -> None:
        for _again in range(2):
            assert notes.get(MANAGER, NOTE, SECRET).id == SECRET
            with pytest.raises(NotFound):
                notes.get(user(), NOTE, SECRET)

    def test_show_other_columns_to_users_who_do_not_manage(self, notes: Resource[Note]) -> None:
        shown = sa.select(Note.id, sa.null().label("owner_id"))

        assert notes.get(user(), NOTE, OWN, shown=shown).owner_id is None
        assert notes.get(MANAGER, NOTE, OWN, shown=shown).owner_id == ANN


class TestLocks:
    @pytest.mark.parametrize(
        ("to", "allowed"),
        [("view", {OWN, PUBLIC, WIKI}), ("edit", {OWN, WIKI}), ("share", {OWN}), ("delete", {OWN})],
    )
    def test_ask_what_they_are_for(self, notes: Resource[Note], to: str, allowed: set[int]) -> None:
        for id_ in (OWN, PUBLIC, WIKI):
            if id_ in allowed:
                [note] = notes.lock(user(), [id_], to=to)  # type: ignore[arg-type]
                assert note.id == id_
            else:
                with pytest.raises(Forbidden, match=r"^You may view this, but not change it\.$"):
                    notes.lock(user(), [id_], to=to)  # type: ignore[arg-type]

    def test_allow_everything_to_users_who_manage(self, notes: Resource[Note]) -> None:
        assert len(notes.lock(MANAGER, [SECRET, OWN], to="delete")) == 2

    def test_name_what_is_missing_before_what_is_forbidden(self, notes: Resource[Note]) -> None:
        with pytest.raises(NotFound, match=r"^These notes were not found: 4, 99\.$"):
            notes.lock(user(), [99, PUBLIC, SECRET], to="delete")


class TestScope:
    def test_of_figures_is_nothing_without_a_permission(self, notes: Resource[Note]) -> None:
        assert notes.scope_if_granted(user()) == (NOTHING,)
        assert notes.scope_if_granted(user("notes:view")) is notes.scope(user())
        assert notes.scope_if_granted(MANAGER) == (EVERYTHING,)

    def test_is_a_constant_so_that_its_statements_are_kept(self, notes: Resource[Note]) -> None:
        assert notes.scope(user()) is notes.scope(user("notes:view"))

    def test_of_what_belongs_to_nobody_is_everything(self, app: Flask) -> None:
        resource = Resource(db, Note, _("Note"), _("notes"))

        assert resource.scope(user()) == (EVERYTHING,)
        assert not resource.manages(user("*"))

    def test_makes_its_permission_known(self, notes: Resource[Note]) -> None:
        assert permissions.KNOWN == {"notes:manage": ["See and change everyone's"]}


class TestRoom:
    def test_is_for_so_many_of_an_owner(self, notes: Resource[Note]) -> None:
        few = dc.replace(notes, most_owned=3)

        few.check_room(BEN, 0)
        few.check_room(ANN, 2)
        for owner, number in ((BEN, 1), (ANN, 3)):
            with pytest.raises(Conflict, match="at most 3 notes"):
                few.check_room(owner, number)
