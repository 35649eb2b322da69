"""Coming back with the id of the last event: nothing is lost, nothing comes twice."""

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from halolight.core.live.journal import StreamPosition
from halolight.extensions import db
from tests.api_client import ApiClient
from tests.factories import Factory

from .conftest import Open
from .test_events import send

DAY = 24 * 3600


def test_brings_what_was_missed(app: Flask, user: ApiClient, listen: Open) -> None:
    first = listen(user)
    first.events()
    send(app, user.user_id, title="Seen")
    first.events()

    send(app, user.user_id, title="Missed", times=3)
    second = listen(user, after=f"{user.user_id}-1")

    events = [event for event in second.events() if event.kind == "notification"]
    assert [event.data["title"] for event in events] == ["Missed 0", "Missed 1", "Missed 2"]
    assert [event.id for event in events] == [f"{user.user_id}-{n}" for n in (2, 3, 4)]
    assert second.events() == []


def test_works_with_a_parameter_for_who_cannot_send_the_header(
    app: Flask, user: ApiClient, listen: Open
) -> None:
    listen(user)
    send(app, user.user_id, times=2)

    stream = listen(user, path=f"/api/stream?lastEventId={user.user_id}-1")

    assert [event.id for event in stream.events()] == [f"{user.user_id}-2"] * 2


def test_after_a_client_was_away_too_long_it_starts_anew(
    app: Flask, make: Factory, user: ApiClient, listen: Open, clock: time_machine.Traveller
) -> None:
    """Nothing was written for it in the meantime, so there is no entry that is missing."""
    listen(user)
    clock.shift(DAY + 60)
    send(app, user.user_id)
    user = make.sign_in(user.user_id)
    listen(user)
    send(app, user.user_id)

    back = listen(user, after=f"{user.user_id}-0")

    position = f"{user.user_id}-2"
    assert [(event.kind, event.id) for event in back.events()] == [
        ("reset", position),
        ("unread", position),
    ]
    send(app, user.user_id)
    assert back.kinds() == ["notification", "unread"]


def test_after_entries_were_deleted_it_starts_anew(
    app: Flask, make: Factory, user: ApiClient, listen: Open, clock: time_machine.Traveller
) -> None:
    for _ in range(3):  # whoever reconnects in time is told on
        user = make.sign_in(user.user_id)
        listen(user)
        send(app, user.user_id)
        clock.shift(DAY / 2)
    user = make.sign_in(user.user_id)
    pruned = app.test_cli_runner().invoke(args=["stream", "prune"])
    assert pruned.output == "Deleted 2 live events\n"

    gap, whole = (listen(user, after=f"{user.user_id}-{number}") for number in (1, 2))

    assert gap.kinds() == ["reset", "unread"]
    assert whole.kinds() == ["notification", "unread"]


def test_nothing_is_kept_for_an_account_that_was_deleted(
    app: Flask, super_admin: ApiClient, user: ApiClient, listen: Open
) -> None:
    listen(user)
    listen(super_admin)
    super_admin.delete(f"/api/users/{user.user_id}")

    app.test_cli_runner().invoke(args=["stream", "prune"])

    with app.app_context():
        assert db.session.scalars(sa.select(StreamPosition.user_id)).all() == [super_admin.user_id]


@pytest.mark.database("sqlite")
def test_with_the_id_of_something_else_it_starts_anew(
    app: Flask, make: Factory, listen: Open
) -> None:
    other = make.client()
    wrong = (f"{other.user_id}-1", "7", "x", "-", "1" * 30, "{}-99", "{}--1", "{}-²", "{}-1x")
    kinds = {}
    for text in wrong:
        user = make.client()
        send(app, user.user_id)
        kinds[text] = listen(user, after=text.replace("{}", str(user.user_id))).kinds()

    assert kinds == {text: ["reset", "unread"] for text in wrong}


@pytest.mark.database("sqlite")
def test_who_missed_very_much_starts_anew(app: Flask, user: ApiClient, listen: Open) -> None:
    listen(user)
    send(app, user.user_id, times=1001)

    assert listen(user, after=f"{user.user_id}-0").kinds() == ["reset", "unread"]
    assert len(listen(user, after=f"{user.user_id}-1").kinds()) == 1001
