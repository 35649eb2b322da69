"""Who may open a stream, how, how many, and when it ends."""

import pytest
import time_machine
from flask import Flask
from prometheus_client import REGISTRY

from halolight.extensions import db
from halolight.modules.stream.models import StreamTicket
from tests.api_client import ApiClient
from tests.factories import Factory

from .conftest import Open
from .test_events import send

ORIGIN = {"Origin": "http://localhost:3000"}  # the default of CORS_ORIGINS


class TestTicket:
    def test_opens_one_stream(
        self, app: Flask, user: ApiClient, anonymous: ApiClient, listen: Open
    ) -> None:
        ticket = user.post("/api/stream/ticket", status=200)
        assert ticket["expiresIn"] == 30
        path = f"/api/stream?ticket={ticket['ticket']}"

        assert listen(anonymous, path=path).last_id == f"{user.user_id}-0"

        anonymous.get(path, status=401)
        with app.app_context():
            assert db.session.query(StreamTicket).count() == 0

    def test_is_kept_as_a_hash(self, app: Flask, user: ApiClient) -> None:
        ticket = user.post("/api/stream/ticket", status=200)["ticket"]

        with app.app_context():
            [row] = db.session.query(StreamTicket)
            assert ticket not in row.token_hash

    def test_is_refused_when_it_is_old_wrong_or_of_a_session_that_has_ended(
        self, user: ApiClient, anonymous: ApiClient, clock: time_machine.Traveller
    ) -> None:
        old = user.post("/api/stream/ticket", status=200)["ticket"]
        clock.shift(31)
        anonymous.get(f"/api/stream?ticket={old}", status=401)
        ended = user.post("/api/stream/ticket", status=200)["ticket"]
        user.post("/api/auth/logout", status=200)

        for ticket in (ended, "", "wrong", "%00", "é"):
            anonymous.get(f"/api/stream?ticket={ticket}", status=401)

    def test_opens_nothing_else(self, user: ApiClient, anonymous: ApiClient) -> None:
        for path in ("/api/users/me", "/api/notifications"):
            ticket = user.post("/api/stream/ticket", status=200)["ticket"]
            anonymous.get(f"{path}?ticket={ticket}", status=401)

    def test_does_not_stand_in_for_credentials_that_are_refused(
        self, user: ApiClient, anonymous: ApiClient
    ) -> None:
        ticket = user.post("/api/stream/ticket", status=200)["ticket"]

        for refused in ("Bearer wrong", "Bearer", "Basic d3Jvbmc6d3Jvbmc="):
            headers = {"Authorization": refused}
            anonymous.get(f"/api/stream?ticket={ticket}", status=401, headers=headers)


class TestOrigin:
    def test_may_be_a_listed_one_the_servers_own_or_none(
        self, user: ApiClient, listen: Open
    ) -> None:
        for origin in (ORIGIN["Origin"], "http://localhost"):
            response = user.open("GET", "/api/stream", headers={"Origin": origin}, buffered=False)
            assert response.status_code == 200
            response.close()
        assert listen(user).kinds() == ["unread"]

    @pytest.mark.database("sqlite")
    def test_may_be_no_other(self, user: ApiClient) -> None:
        for origin in ("https://evil.example", "null", "http://localhost:3000.evil.example", ""):
            user.get("/api/stream", status=403, headers={"Origin": origin})


def test_a_user_has_five_streams(make: Factory, user: ApiClient, listen: Open) -> None:
    streams = [listen(user) for _ in range(5)]

    user.get("/api/stream", status=429)
    assert int(user.last.headers["Retry-After"]) > 0
    assert listen(make.client()).kinds() == ["unread"]
    streams[0].__exit__()
    assert listen(user).kinds() == ["unread"]


@pytest.mark.database("sqlite")
def test_its_length_is_no_time_of_a_response(
    app: Flask, user: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour would spoil the average of all others."""
    monkeypatch.setattr(app.extensions["live"], "lifetime", 0.5)
    labels = {"method": "GET", "route": "/api/stream"}

    def total() -> float:
        return REGISTRY.get_sample_value("http_request_duration_seconds_sum", labels) or 0.0

    before = total()
    user.open("GET", "/api/stream")

    assert 0.0 < total() - before < 0.5


class TestEnd:
    def test_of_the_session(self, make: Factory, user: ApiClient, listen: Open) -> None:
        stream, other_device = listen(user), listen(make.sign_in(user.user_id))
        stream.events(), other_device.events()

        user.post("/api/auth/logout", status=200)

        [event] = stream.events()
        assert (event.kind, event.data) == ("session-ended", {"reason": "logout"})
        assert stream.ended
        assert other_device.events() == []
        assert not other_device.ended

    def test_of_the_account(self, make: Factory, super_admin: ApiClient, listen: Open) -> None:
        disabled, deleted = make.client(), make.client()
        streams = [listen(disabled), listen(deleted)]
        for stream in streams:
            stream.events()

        super_admin.put(f"/api/users/{disabled.user_id}", json={"status": "suspended"})
        super_admin.delete(f"/api/users/{deleted.user_id}")

        assert [stream.kinds() for stream in streams] == [["session-ended"]] * 2
        assert all(stream.ended for stream in streams)

    def test_of_the_time_that_a_session_may_be_unused(
        self, user: ApiClient, listen: Open, clock: time_machine.Traveller
    ) -> None:
        stream = listen(user)
        stream.events()
        clock.shift(8 * 24 * 3600)

        assert [event.data for event in stream.events()] == [{"reason": "expired"}]

    def test_of_a_permission(
        self, app: Flask, user: ApiClient, super_admin: ApiClient, listen: Open
    ) -> None:
        """What had been written for it is not sent; what it may still see comes with the next."""
        stream = listen(user)
        stream.events()
        send(app, user.user_id)

        super_admin.put(f"/api/users/{user.user_id}", json={"role": "guest"})

        assert [(event.kind, event.data) for event in stream.events()] == [
            ("reconnect", {"reason": "permissions"})
        ]
        assert stream.ended
        assert listen(user, after=stream.last_id).kinds() == ["unread"]

    def test_of_the_worker(
        self, app: Flask, user: ApiClient, listen: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hub = app.extensions["live"].hub
        monkeypatch.setattr(hub, "_stopping", False)  # as before when the test is over
        stream = listen(user)
        stream.events()

        hub.stop()

        for each in (stream, listen(user)):
            [event] = each.events()
            assert (event.kind, event.data) == ("reconnect", {"reason": "stopping"})
            assert each.ended
            assert each.retry is not None

    def test_of_its_time(self, app: Flask, user: ApiClient) -> None:
        """So that all workers come to have some of the streams."""
        response = user.open("GET", "/api/stream")

        assert b'event: reconnect\ndata: {"reason":"lifetime"}' in response.data
