"""What comes in a stream, and to whom."""

from flask import Flask

from halolight.extensions import db
from halolight.modules.notifications.sending import notify
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.calendar.steps import plan, team_of

from .conftest import Open


def send(app: Flask, *user_ids: int, title: str = "Hello", times: int = 1) -> None:
    with app.app_context():
        for number in range(times):
            notify(user_ids, kind="system", title=f"{title} {number}" if times > 1 else title)
        db.session.commit()


class TestBeginning:
    def test_says_how_much_is_unread_and_where_it_begins(
        self, app: Flask, user: ApiClient, listen: Open
    ) -> None:
        send(app, user.user_id)

        stream = listen(user)

        assert stream.last_id == f"{user.user_id}-0"
        assert stream.retry is not None
        assert 1000 <= stream.retry < 5000
        [event] = stream.events()
        assert event == ("unread", {"notifications": 1, "messages": 0}, f"{user.user_id}-0")
        assert stream.events() == []

    def test_is_told_to_no_cache_and_buffered_by_no_proxy(
        self, user: ApiClient, listen: Open
    ) -> None:
        headers = listen(user).headers

        assert headers["Content-Type"] == "text/event-stream"
        assert headers["Cache-Control"] == "no-store, no-transform"
        assert headers["X-Accel-Buffering"] == "no"

    def test_of_a_request_for_the_header_alone_takes_no_place(
        self, user: ApiClient, listen: Open
    ) -> None:
        for _ in range(6):
            assert user.open("HEAD", "/api/stream").status_code == 200

        assert listen(user).kinds() == ["unread"]


class TestKinds:
    def test_a_notification_as_the_list_has_it(
        self, app: Flask, user: ApiClient, listen: Open
    ) -> None:
        stream = listen(user)
        stream.events()

        send(app, user.user_id)

        notification, unread = stream.events()
        assert notification.data == user.get("/api/notifications")["items"][0]
        assert notification.id == f"{user.user_id}-1"
        assert unread.data == {"notifications": 1, "messages": 0}

    def test_a_notification_for_everybody(
        self, admin: ApiClient, user: ApiClient, listen: Open
    ) -> None:
        streams = [listen(admin), listen(user)]
        for stream in streams:
            stream.events()

        admin.post("/api/notifications", json={"title": "Tonight", "all": True})

        assert [stream.kinds() for stream in streams] == [["notification", "unread"]] * 2

    def test_a_message_to_all_its_people_and_all_their_devices(
        self, make: Factory, user: ApiClient, listen: Open
    ) -> None:
        other, stranger = make.client(), make.client()
        writer, reader, second, nobody = map(listen, (user, other, other, stranger))
        for stream in (writer, reader, second, nobody):
            stream.events()

        sent = user.post("/api/messages", json={"recipientId": other.user_id, "content": "Hi"})

        kinds = {event.kind: event for event in reader.events()}
        assert kinds["message"].data == {**sent, "read": False}
        assert kinds["unread"].data == {"notifications": 1, "messages": 1}
        assert set(second.kinds()) == {"notification", "message", "unread"}
        assert [event.data for event in writer.events()] == [sent]
        assert nobody.events() == []

    def test_unread_counts_that_sink(self, app: Flask, user: ApiClient, listen: Open) -> None:
        send(app, user.user_id, times=4)
        stream = listen(user)
        stream.events()
        first, second = (row["id"] for row in user.get("/api/notifications")["items"][:2])

        def counted() -> list[int]:
            return [event.data["notifications"] for event in stream.events()]

        user.put(f"/api/notifications/{first}/read")
        assert counted() == [3]
        user.delete(f"/api/notifications/{second}")
        assert counted() == [2]
        user.put("/api/notifications/read-all")
        assert counted() == [0]

    def test_changes_of_events_to_whom_they_concern(
        self, make: Factory, user: ApiClient, admin: ApiClient, listen: Open
    ) -> None:
        guest, member, stranger = make.client(), make.client(), make.client()
        people = (user, guest, member, stranger)
        team_id = team_of(admin, user, member)
        streams = {client: listen(client) for client in people}
        event = plan(user, attendeeIds=[guest.user_id])
        path = f"/api/calendar/events/{event['id']}"

        guest.put(f"{path}/respond", json={"status": "accepted"})
        user.put(path, json={"attendeeIds": [], "teamIds": [team_id]})
        user.delete(path)

        heard = {}
        for client, stream in streams.items():
            events = [each.data for each in stream.events() if each.kind == "calendar"]
            assert {each["id"] for each in events} <= {event["id"]}
            heard[client] = [each["action"] for each in events]
        assert heard == {
            user: ["create", "respond", "update", "delete"],
            guest: ["create", "respond", "update"],
            member: ["update", "delete"],
            stranger: [],
        }

    def test_changes_of_series_to_the_people_of_each_occurrence(
        self, make: Factory, user: ApiClient, listen: Open
    ) -> None:
        guest = make.client()
        stream = listen(guest)
        series = plan(user, recurrence={"rule": "FREQ=WEEKLY"})
        one = f"{series['id']}_20300513T090000Z"
        path = "/api/calendar/events/"

        invited = {"attendeeIds": [guest.user_id]}
        user.post(f"{path}{one}/attendees", json=invited, status=200)
        user.put(f"{path}{series['id']}", json={"title": "All"})
        user.delete(f"{path}{one}")

        told = [each.data for each in stream.events() if each.kind == "calendar"]
        assert [(each["id"], each["action"]) for each in told] == [
            (one, "add-attendees"),
            (series["id"], "update"),
            (one, "delete"),
        ]

    def test_shares_to_who_gains_and_who_loses(
        self, make: Factory, user: ApiClient, listen: Open
    ) -> None:
        other = make.client()
        stream = listen(other)
        stream.events()
        document = user.post("/api/documents", json={"title": "Plan"})
        path = f"/api/documents/{document['id']}"
        whom = {"userIds": [other.user_id]}

        user.post(f"{path}/share", json={**whom, "permission": "VIEW"}, status=200)
        user.post(f"{path}/unshare", json=whom, status=200)

        shares = [event.data for event in stream.events() if event.kind == "share"]
        assert shares == [
            {"id": document["id"], "resource": "documents", "action": action}
            for action in ("share", "unshare")
        ]


class TestWhatIsNotSent:
    def test_what_a_permission_is_missing_for(
        self, app: Flask, make: Factory, listen: Open
    ) -> None:
        guest = make.client("guest")
        stream = listen(guest)
        assert [event.data for event in stream.events()] == [{"notifications": 0, "messages": 0}]

        send(app, guest.user_id)

        assert stream.events() == []
        assert stream.last_id == f"{guest.user_id}-0"

    def test_what_was_deleted_meanwhile(self, app: Flask, user: ApiClient, listen: Open) -> None:
        stream = listen(user)
        stream.events()
        send(app, user.user_id)
        [row] = user.get("/api/notifications")["items"]
        user.delete(f"/api/notifications/{row['id']}")

        assert stream.events() == []
        send(app, user.user_id)
        assert [event.id for event in stream.events()] == [f"{user.user_id}-3"] * 2

    def test_what_was_rolled_back(self, app: Flask, user: ApiClient, listen: Open) -> None:
        stream = listen(user)
        stream.events()

        with app.app_context():
            notify([user.user_id], kind="system", title="Never")
            db.session.rollback()
            db.session.commit()

        assert stream.events() == []
