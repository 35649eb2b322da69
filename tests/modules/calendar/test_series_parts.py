"""Changes of one occurrence of a series, or of one and those after it."""

import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.calendar.models import Event
from tests.api_client import ApiClient
from tests.factories import Factory

from .series_steps import MONDAYS, WEEKLY, days, listed, moved_to, occurrence, times, weekly
from .steps import EVENTS, answers, fields, path, plan, told


class TestThisOne:
    def test_is_changed_alone(self, app: Flask, user: ApiClient, admin: ApiClient) -> None:
        series = weekly(user, attendeeIds=[admin.user_id], reminders=[5])
        one = occurrence(user, 1)

        changed = user.put(path(one), json={"title": "Other"} | moved_to("14"))

        assert changed["id"] == one["id"]
        assert (changed["title"], changed["recurrenceId"]) == ("Other", one["recurrenceId"])
        assert (changed["reminders"], list(answers(changed))) == ([5], [admin.user_id])
        assert days(user) == ["2030-05-06", "2030-05-14", "2030-05-20", "2030-05-27"]
        assert [each["title"] for each in listed(user)] == ["Review", "Other", "Review", "Review"]
        assert user.get(path(series)) == series
        assert user.get(path(one)) == changed
        user.put(path(one), json={"title": "Third"})
        assert user.get(path(one))["title"] == "Third"
        assert told(app, admin.user_id)[-1] == "An event was moved"

    def test_takes_back_what_was_read(self, user: ApiClient) -> None:
        weekly(user)
        one = occurrence(user, 1)

        assert user.put(path(one), json=one) == one
        error = user.put(path(one), json={"recurrence": {"rule": "FREQ=DAILY"}}, status=400)
        assert fields(error) == ["recurrence"]

    def test_is_moved(self, user: ApiClient) -> None:
        weekly(user)

        user.patch(
            f"{path(occurrence(user, 1))}/reschedule", json={"start": "2030-05-15T12:00:00Z"}
        )

        assert times(user)[1] == "05-15T12:00"

    def test_is_cancelled(self, app: Flask, user: ApiClient, admin: ApiClient) -> None:
        series = weekly(user, attendeeIds=[admin.user_id])
        moved, cancelled = occurrence(user, 1), occurrence(user, 2)
        user.put(path(moved), json=moved_to("14"))

        for one in (moved, cancelled):
            user.delete(path(one))
            user.get(path(one), status=404)
            user.delete(path(one), status=404)

        assert days(user) == ["2030-05-06", "2030-05-27"]
        assert user.get(path(series))["recurrence"]["exdates"] == [
            "2030-05-13T09:00:00Z",
            "2030-05-20T09:00:00Z",
        ]
        assert told(app, admin.user_id).count("An event was cancelled") == 2

    def test_is_an_event_by_its_number(self, app: Flask, user: ApiClient) -> None:
        """Which nobody is told, and which so does nothing else."""
        weekly(user)
        changed = user.put(path(occurrence(user, 1)), json={"title": "Other"})
        with app.app_context():
            number = db.session.scalar(sa.select(sa.func.max(Event.id)))

        assert user.get(f"{EVENTS}/{number}") == changed
        user.delete(f"{EVENTS}/{number}")
        assert days(user) == [MONDAYS[0], *MONDAYS[2:]]

    def test_is_among_others_that_are_deleted_at_once(self, user: ApiClient) -> None:
        weekly(user)
        plain = plan(user)
        ids = [occurrence(user, 2)["id"], plain["id"]]

        error = user.post(f"{EVENTS}/batch-delete", json={"ids": [*ids, "1_x"]}, status=400)
        assert fields(error) == ["ids.2"]
        assert user.post(f"{EVENTS}/batch-delete", json={"ids": ids}, status=200) == {"deleted": 2}
        assert len(days(user)) == 3

    def test_is_answered_alone(self, app: Flask, user: ApiClient, admin: ApiClient) -> None:
        series = weekly(user, attendeeIds=[admin.user_id])
        one = occurrence(admin, 1)

        answered = admin.put(f"{path(one)}/respond", json={"status": "declined"})

        assert answers(answered) == {admin.user_id: "declined"}
        assert answers(user.get(path(series))) == {admin.user_id: "pending"}
        admin.put(f"{path(series)}/respond", json={"status": "accepted"})
        found = [answers(each)[admin.user_id] for each in listed(user)]
        assert found == ["accepted", "declined", "accepted", "accepted"]
        user.put(f"{path(occurrence(user, 2))}/respond", json={"status": "accepted"}, status=403)

    def test_has_attendees_of_its_own(self, user: ApiClient, make: Factory) -> None:
        guest = make.client()
        weekly(user)
        one = occurrence(user, 1)

        user.post(f"{path(one)}/attendees", json={"attendeeIds": [guest.user_id]}, status=200)

        assert days(guest) == ["2030-05-13"]
        assert guest.get(path(one))["id"] == one["id"]
        guest.put(f"{path(one)}/respond", json={"status": "accepted"})
        guest.put(path(one), json={"title": "Mine"}, status=403)
        guest.delete(f"{path(one)}/attendees/{guest.user_id}")
        assert days(guest) == []


class TestThisAndFollowing:
    def test_become_a_series_of_their_own(self, user: ApiClient, admin: ApiClient) -> None:
        series = weekly(user, attendeeIds=[admin.user_id], reminders=[5])
        admin.put(f"{path(series)}/respond", json={"status": "accepted"})
        last = occurrence(user, 3)
        user.put(path(last), json={"location": "Outside"})

        body = {"title": "New", "start": "2030-05-20T12:00:00Z", "end": "2030-05-20T14:00:00Z"}
        changed = user.put(f"{path(occurrence(user, 2))}?scope=following", json=body)

        assert changed["id"] not in {series["id"], last["id"]}
        assert (changed["start"], changed["recurrence"]["rule"]) == (body["start"], WEEKLY["rule"])
        assert answers(changed) == {admin.user_id: "accepted"}
        assert changed["reminders"] == [5]
        assert times(user) == ["05-06T09:00", "05-13T09:00", "05-20T12:00", "05-27T12:00"]
        found = listed(user)
        assert [each["title"] for each in found] == ["Review", "Review", "New", "New"]
        assert [each["location"] for each in found] == [None, None, None, "Outside"]
        rule = user.get(path(series))["recurrence"]["rule"]
        assert rule == "FREQ=WEEKLY;UNTIL=20300520T085959Z;BYDAY=MO"

    def test_share_a_number_of_occurrences(self, user: ApiClient) -> None:
        recurrence = {"rule": "FREQ=DAILY;COUNT=5", "exdates": ["2030-05-07T09:00:00Z"]}
        series = plan(user, recurrence=recurrence)
        changed = user.put(f"{path(occurrence(user, 2))}?scope=following", json={"title": "New"})

        assert changed["recurrence"]["rule"] == "FREQ=DAILY;COUNT=2"
        assert user.get(path(series))["recurrence"]["rule"] == "FREQ=DAILY;UNTIL=20300509T085959Z"
        assert days(user) == ["2030-05-06", "2030-05-08", "2030-05-09", "2030-05-10"]

    def test_take_back_what_was_read(self, user: ApiClient) -> None:
        """The rule that an occurrence shows has the number of all of them."""
        plan(user, recurrence={"rule": "FREQ=DAILY;COUNT=5"})
        one = occurrence(user, 2)

        changed = user.put(f"{path(one)}?scope=following", json=one | {"title": "New"})

        assert changed["recurrence"]["rule"] == "FREQ=DAILY;COUNT=3"
        assert len(days(user)) == 5

    def test_are_deleted(self, user: ApiClient) -> None:
        weekly(user)
        user.put(path(occurrence(user, 3)), json={"title": "Changed"})

        user.delete(f"{path(occurrence(user, 2))}?scope=following")

        assert days(user) == MONDAYS[:2]

    def test_are_all_from_the_first_on(self, user: ApiClient) -> None:
        series = weekly(user)
        first = occurrence(user, 0)

        changed = user.put(f"{path(first)}?scope=following", json={"title": "New"})

        assert changed["id"] == series["id"]
        user.delete(f"{path(first)}?scope=following")
        user.get(path(series), status=404)


class TestPreconditions:
    def test_are_those_of_what_is_changed(self, user: ApiClient) -> None:
        weekly(user)
        one, other = occurrence(user, 1), occurrence(user, 2)
        etags = []
        for each in (one, other):
            user.get(path(each))
            etags.append({"If-Match": user.last.headers["ETag"]})

        user.put(path(one), json={"title": "New"}, headers=etags[0])
        user.put(path(one), json={"title": "Newer"}, headers=etags[0], status=412)
        user.delete(path(one), headers=etags[0], status=412)
        user.put(path(other), json={"title": "New"}, headers=etags[1])
