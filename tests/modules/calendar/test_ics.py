"""iCalendar (RFC 5545): export, the secret feed, and import."""

import io
from collections.abc import Iterator
from functools import partial
from typing import Any

import icalendar
import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.cpu import cpu_of
from tests.factories import Factory

from .steps import EVENTS, NINE, actions, path, plan, team_of

CALENDAR = "/api/calendar"
IMPORT, FEED, EXPORT = f"{CALENDAR}/import", f"{CALENDAR}/feed", f"{CALENDAR}/export"
WHEN = "DTSTART:20300506T090000Z\r\nDTEND:20300506T100000Z\r\n"
COLUMNS = ("title", "description", "type", "start", "end", "allDay", "location", "color", "status",
           "timeZone", "recurrence", "recurrenceId", "reminders")  # fmt: skip


def events_of(content: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def import_(client: ApiClient, content: str | bytes, **kwargs: Any) -> Any:
    """What the import answers with: its numbers, or an error."""
    body = content.encode() if isinstance(content, str) else content
    response = client.open("POST", IMPORT, data=body, content_type="text/calendar", **kwargs)
    answer = response.get_json()
    return answer["data"] if answer["success"] else answer["error"]


def calendar(*events: str) -> str:
    begin, end = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n", "END:VCALENDAR\r\n"
    return begin + "".join(f"BEGIN:VEVENT\r\n{each}END:VEVENT\r\n" for each in events) + end


def fill(client: ApiClient) -> None:
    """Something of each kind, with everything that an event can say."""
    plan(client, "Plain; with, \\ signs", description="Line 1\nLine 2 🦊" + "ä" * 80)
    plan(client, "Moment", end=NINE, type="reminder", color="#3b82f6", location="Room 1")
    plan(client, "Task", type="task", status="done", reminders=[5, 60])
    plan(client, "Fair", start="2030-05-10", end="2030-05-12", allDay=True, type="holiday")
    berlin = {"start": "2030-03-25T09:00:00", "end": "2030-03-25T10:00:00"}
    rule = {"rule": "FREQ=WEEKLY;UNTIL=20300601T000000Z;BYDAY=MO,FR"}
    plan(client, "Weekly", **berlin, timeZone="Europe/Berlin", recurrence=rule, reminders=[15])
    [_, second, third, *_] = [
        each
        for each in client.get(f"{EVENTS}?start=2030-03-01&end=2030-06-01")["items"]
        if each["title"] == "Weekly"
    ]
    client.put(path(second), json={"title": "Changed", "location": "Elsewhere"})
    client.delete(path(third))
    dates = {"rdates": ["2030-07-01", "2030-08-01"], "exdates": ["2030-07-01"]}
    plan(client, "Dates", start="2030-06-01", allDay=True, recurrence=dates)


def contents(client: ApiClient) -> list[Any]:
    items = client.get(f"{EVENTS}?pageSize=100")["items"]
    shown = client.get(f"{EVENTS}?start=2030-01-01&end=2031-01-01&pageSize=100")["items"]
    return sorted(str([each[name] for name in COLUMNS]) for each in [*items, *shown])


class TestExport:
    def test_imported_again_is_the_same_calendar(self, user: ApiClient, make: Factory) -> None:
        fill(user)
        exported = user.download(EXPORT)
        before, other = contents(user), make.client()

        assert import_(user, exported) == {"created": 0, "updated": 0, "unchanged": 7}
        assert contents(user) == before
        done = import_(other, exported)
        assert (done["created"], contents(other)) == (6, before)
        assert import_(other, exported) == {"created": 0, "updated": 0, "unchanged": 7}
        assert import_(other, other.download(EXPORT))["created"] == 0
        for each in user.get(f"{EVENTS}?pageSize=100")["items"]:
            if each["seriesId"] is None:
                user.delete(path(each))
        assert import_(user, exported)["created"] == 6
        assert contents(user) == before

    def test_says_what_other_calendars_read(self, user: ApiClient) -> None:
        fill(user)

        response = user.open("GET", EXPORT)

        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert response.headers["Content-Disposition"] == 'attachment; filename="calendar.ics"'
        text = response.text.replace("\r\n ", "")
        for line in (
            "SUMMARY:Plain\\; with\\, \\\\ signs",
            "DTSTART;VALUE=DATE:20300510\r\nDTEND;VALUE=DATE:20300513",
            "DTSTART;TZID=Europe/Berlin:20300325T090000",
            "RRULE:FREQ=WEEKLY;UNTIL=20300601T000000Z;BYDAY=MO,FR",
            "RECURRENCE-ID;TZID=Europe/Berlin:20300329T090000",
            "EXDATE;TZID=Europe/Berlin:20300401T090000",
            "TZID:Europe/Berlin",
            "TRIGGER:-PT15M",
        ):
            assert line in text, line
        assert all(len(line.encode()) <= 75 for line in response.text.split("\r\n"))

    def test_writes_no_time_zone_for_thousands_of_years(self, user: ApiClient) -> None:
        for zone in ("Europe/Berlin", "Australia/Lord_Howe"):
            for year in (1900, 8999):
                plan(user, start=f"{year}-06-03T09:00:00Z", timeZone=zone)

        exported = user.download(EXPORT)

        assert len(exported) < 40_000
        assert [event["dtstart"].dt.year for event in events_of(exported)] == [1900, 8999] * 2

    def test_is_of_what_one_has_in_ones_calendar(
        self, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        plan(user, "Attended", attendeeIds=[admin.user_id])
        plan(make.client(), "Not mine")

        [event] = events_of(admin.download(EXPORT))

        assert event["summary"] == "Attended"
        assert "attendee" not in event
        assert "@example.com" not in admin.last.text

    def test_is_of_one_event_or_a_series(self, user: ApiClient, make: Factory) -> None:
        fill(user)
        plain = plan(user, "Alone")
        one = user.get(f"{EVENTS}?start=2030-03-01&end=2030-04-01")["items"][1]

        assert len(events_of(user.download(f"{path(plain)}/export"))) == 1
        uids = {str(each["uid"]) for each in events_of(user.download(f"{path(one)}/export"))}
        assert len(uids) == 1
        assert len(events_of(user.last.data)) == 2
        make.client().get(f"{path(one)}/export", status=404)
        user.get(f"{path(plain)}_20300506T090000Z/export", status=404)


class TestFeed:
    def test_is_read_by_who_has_its_address(
        self, app: Flask, user: ApiClient, anonymous: ApiClient
    ) -> None:
        plan(user)
        assert user.get(FEED)["exists"] is False

        feed = user.post(FEED)
        content = anonymous.download(feed["url"])

        assert [str(each["summary"]) for each in events_of(content)] == ["Review"]
        headers = anonymous.last.headers
        assert headers["Cache-Control"] == "private, no-cache"
        etag = headers["ETag"]
        anonymous.download(feed["url"], status=304, headers={"If-None-Match": etag})
        plan(user, "Another")
        anonymous.download(feed["url"], headers={"If-None-Match": etag})
        assert anonymous.last.headers["ETag"] != etag
        assert "Last-Modified" in anonymous.last.headers
        assert user.get(FEED) == {**feed, "url": None, "createdAt": user.get(FEED)["createdAt"]}
        assert "calendar.create-feed" in actions(app)

    def test_ends_when_it_is_made_anew_or_deleted(
        self, user: ApiClient, anonymous: ApiClient
    ) -> None:
        first, second = user.post(FEED)["url"], user.post(FEED)["url"]
        anonymous.get(first, status=404)
        anonymous.download(second)

        user.delete(FEED)

        anonymous.get(second, status=404)
        user.delete(FEED, status=404)
        anonymous.get(f"{FEED}/{'x' * 43}.ics", status=404)

    def test_rests_while_the_account_does(
        self, user: ApiClient, admin: ApiClient, anonymous: ApiClient
    ) -> None:
        url = user.post(FEED)["url"]
        account = f"/api/users/{user.user_id}"

        for change, undo in (
            ({"status": "SUSPENDED"}, {"status": "ACTIVE"}),
            ({"role": "guest"}, {"role": "user"}),
        ):
            admin.put(account, json=change)
            anonymous.get(url, status=404)
            admin.put(account, json=undo)
            anonymous.download(url)

    def test_shows_what_its_owner_may_see(
        self, user: ApiClient, admin: ApiClient, anonymous: ApiClient
    ) -> None:
        """An administrator's has no more than their own, and the members of a team lose it."""
        team_id = team_of(admin, user)
        plan(admin, "Of the team", teamIds=[team_id])
        plan(user, "Mine")
        urls = [client.post(FEED)["url"] for client in (user, admin)]

        def titles() -> list[list[str]]:
            return [
                [str(each["summary"]) for each in events_of(anonymous.download(url))]
                for url in urls
            ]

        assert titles() == [["Of the team", "Mine"], ["Of the team"]]
        admin.delete(f"/api/teams/{team_id}/members/{user.user_id}")
        assert titles() == [["Mine"], ["Of the team"]]


class TestImport:
    def test_takes_what_other_calendars_write(self, app: Flask, user: ApiClient) -> None:
        """Outlook's zones, a zone of the file's own, all-day events, a start beside its rule."""
        done = import_(
            user,
            calendar(
                "UID:1\r\nSUMMARY:Outlook\r\n"
                "DTSTART;TZID=W. Europe Standard Time:20300325T090000\r\nDURATION:PT90M\r\n"
                "RRULE:FREQ=WEEKLY;COUNT=2\r\n",
                "UID:2\r\nSUMMARY:Birthday\\, yearly\r\nDTSTART;VALUE=DATE:20300510\r\n"
                "RRULE:FREQ=YEARLY\r\nCATEGORIES:Holiday,Family\r\n",
                "UID:3\r\nSUMMARY:Floating\r\nDTSTART:20300506T090000\r\n"
                "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nEND:VALARM\r\n",
                "UID:4\r\nSUMMARY:Beside\r\nDTSTART:20300507T090000Z\r\n"
                "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2\r\n",
                f"UID:5\r\nSTATUS:CANCELLED\r\n{WHEN}",
                f"UID:7\r\n{WHEN}RECURRENCE-ID:20300506T090000Z\r\nSUMMARY:Alone\r\n",
                f"UID:6\r\n{WHEN}DESCRIPTION:{'x' * 20_000}\r\nLOCATION:A\\nB\r\n",
            ),
            query_string={"tz": "Europe/Berlin"},
        )

        assert done == {"created": 6, "updated": 0, "unchanged": 1}
        found = user.get(f"{EVENTS}?start=2030-01-01&end=2031-01-01&pageSize=50")["items"]
        assert [(each["title"], each["start"]) for each in found] == [
            ("Outlook", "2030-03-25T08:00:00Z"),
            ("Outlook", "2030-04-01T07:00:00Z"),
            ("Floating", "2030-05-06T07:00:00Z"),
            ("Untitled", NINE),
            ("Alone", NINE),
            ("Beside", "2030-05-07T09:00:00Z"),
            ("Birthday, yearly", "2030-05-10T00:00:00Z"),
            ("Beside", "2030-05-13T09:00:00Z"),
            ("Beside", "2030-05-20T09:00:00Z"),
        ]
        assert (found[0]["end"], found[0]["timeZone"]) == ("2030-03-25T09:30:00Z", "Europe/Berlin")
        assert (found[2]["reminders"], found[6]["type"]) == ([10], "holiday")
        assert (len(found[3]["description"]), found[3]["location"]) == (10_000, "A B")
        assert actions(app).count("calendar.create") == 6

    def test_changes_what_is_known_by_its_uid(self, user: ApiClient, make: Factory) -> None:
        friend = make.client()
        first = f"UID:1\r\nSUMMARY:One\r\n{WHEN}"
        import_(user, calendar(first))
        [event] = user.get(EVENTS)["items"]
        body = {"attendeeIds": [friend.user_id]}
        user.post(f"{path(event)}/attendees", json=body, status=200)

        done = import_(
            user, calendar(f"UID:1\r\nSUMMARY:Two\r\n{WHEN}RRULE:FREQ=DAILY;COUNT=3\r\n")
        )

        assert done == {"created": 0, "updated": 1, "unchanged": 0}
        changed = user.get(path(event))
        assert (changed["title"], changed["attendees"][0]["id"]) == ("Two", friend.user_id)
        assert import_(user, calendar(first))["updated"] == 1
        assert user.get(f"{EVENTS}?expand=true")["total"] == 1
        assert import_(make.client(), calendar(first))["created"] == 1  # a UID is one owner's
        uid = str(events_of(user.download(f"{path(event)}/export"))[0]["uid"])
        assert uid == "1"

    def test_takes_a_form(self, user: ApiClient) -> None:
        file = (io.BytesIO(calendar(f"UID:1\r\n{WHEN}").encode()), "calendar.ics")

        done = user.post(IMPORT, data={"file": file}, status=200)

        assert done["created"] == 1
        user.post(IMPORT, data={"other": "x"}, content_type="multipart/form-data", status=400)
        user.post(IMPORT, json={}, status=415)

    def test_leaves_what_others_have_invited_to(
        self, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        rule = {"rule": "FREQ=DAILY;COUNT=3"}
        plan(admin, "Theirs", attendeeIds=[user.user_id], recurrence=rule)
        one = user.get(f"{EVENTS}?start=2030-05-07&end=2030-05-08")["items"][0]
        user.put(f"{path(one)}/respond", json={"status": "accepted"})

        assert import_(user, user.download(EXPORT)) == {"created": 0, "updated": 0, "unchanged": 2}
        stranger = make.client()
        assert import_(stranger, user.download(EXPORT))["created"] == 1

    def test_is_all_or_nothing(self, app: Flask, user: ApiClient) -> None:
        error = import_(user, calendar(f"UID:1\r\n{WHEN}", "UID:2\r\nDTSTART:garbage\r\n"))

        assert error["details"][0]["field"] == "events.1"
        assert user.get(EVENTS)["total"] == 0
        assert actions(app) == []

    def test_refuses_what_is_hostile_at_once(self, user: ApiClient) -> None:
        slow, wrong = {}, {}
        for name, content in hostile():
            error, took = cpu_of(partial(import_, user, content), enough=1.5)
            if took >= 1.5:
                slow[name] = took
            if error.get("code") not in {"VALIDATION_ERROR", "PAYLOAD_TOO_LARGE"}:
                wrong[name] = error
        assert (wrong, slow) == ({}, {})
        assert user.get(EVENTS)["total"] == 0

    def test_reads_a_time_zone_as_its_own_file_defines_it(
        self, user: ApiClient, make: Factory
    ) -> None:
        """Nobody changes the times in the files of others by a zone of the same name."""
        yearly, twice = "RRULE:FREQ=YEARLY;BYMONTH={};BYDAY=-1SU\r\n", []
        for client, winter in ((make.client(), "+0800"), (user, "+0500")):
            parts = [
                ("STANDARD", yearly.format(10), winter),
                ("DAYLIGHT", yearly.format(3), "+0900"),
            ]
            assert import_(client, zoned(*parts))["created"] == 1
            twice.append(client.get(EVENTS)["items"][0]["start"])
        assert twice == ["2030-01-06T01:00:00Z", "2030-01-06T04:00:00Z"]

    def test_makes_one_line_of_a_title_in_no_time(self, user: ApiClient) -> None:
        title = "\\n ".join(["a", " " * 900_000, "b"])
        content = calendar(f"UID:1\r\n{WHEN}SUMMARY:{title}\r\n")

        done, took = cpu_of(partial(import_, user, content), enough=1.5)

        assert done["created"] == 1
        assert user.get(EVENTS)["items"][0]["title"] == "a b"
        assert took < 1.5

    def test_is_within_what_one_may_own(
        self, user: ApiClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from halolight.modules.calendar import series

        monkeypatch.setattr(series, "MAX_OCCURRENCES", 10)

        daily = f"UID:1\r\n{WHEN}RRULE:FREQ=DAILY;COUNT=11\r\n"
        assert import_(user, calendar(daily))["code"] == "CONFLICT"


def zoned(*parts: tuple[str, str, str]) -> str:
    """A calendar with a time zone of these parts, each with its rule and its offset."""
    zone = "".join(
        f"BEGIN:{name}\r\nDTSTART:19701025T000000\r\nTZOFFSETFROM:+0100\r\n"
        f"TZOFFSETTO:{offset}\r\n{rule}END:{name}\r\n"
        for name, rule, offset in parts
    )
    event = calendar("UID:1\r\nDTSTART;TZID=Ours:20300106T090000\r\n")
    begin, rest = event.split("BEGIN:VEVENT")
    return f"{begin}BEGIN:VTIMEZONE\r\nTZID:Ours\r\n{zone}END:VTIMEZONE\r\nBEGIN:VEVENT{rest}"


def hostile() -> Iterator[tuple[str, str | bytes]]:
    yield "nothing", b""
    yield "no text", b"\xff\xfe\x00"
    yield "no calendar", "Hello"
    yield "cut off", calendar(f"UID:1\r\n{WHEN}")[:-20]
    yield "open components", "BEGIN:VCALENDAR\r\n" + "BEGIN:VEVENT\r\n" * 15_000
    yield "many lines", "BEGIN:VCALENDAR\r\n" + "A:\r\n" * 200_000
    yield "many events", calendar(*[f"UID:{n}\r\n{WHEN}" for n in range(501)])
    yield "a long line", calendar("X:" + "a" * 900_000 + "\r\n")
    for rule in (
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;BYDAY=MO,TU",
        "RRULE:FREQ=YEARLY\r\nEXRULE:FREQ=SECONDLY",
    ):
        both = [(name, f"{rule}\r\n", "+0200") for name in ("STANDARD", "DAYLIGHT")]
        yield f"a zone with {rule}", zoned(*both)
    yearly = ("STANDARD", "RRULE:FREQ=YEARLY\r\n", "+0200")
    yield "many zones", zoned(*[yearly] * 250)
    yield "a late time in a zone", zoned(*[yearly] * 100).replace("20300106", "89990106")
    yield "many parameters", calendar("X" + ";A=B" * 200_000 + ":a\r\n")
    yield "many categories", calendar(f"UID:1\r\n{WHEN}CATEGORIES:" + "a," * 400_000 + "a\r\n")
    for name, lines in {
        "no UID": WHEN,
        "a long UID": f"UID:{'x' * 300}\r\n{WHEN}",
        "no start": "UID:1\r\n",
        "an end before the start": f"UID:1\r\n{WHEN.replace('T10', 'T08')}",
        "a date beyond": "UID:1\r\nDTSTART:99991231T235959Z\r\n",
        "seconds": f"UID:1\r\n{WHEN}RRULE:FREQ=SECONDLY\r\n",
        "never": f"UID:1\r\n{WHEN}RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n",
        "too often": f"UID:1\r\n{WHEN}RRULE:FREQ=DAILY;COUNT=1000000000\r\n",
        "two rules": f"UID:1\r\n{WHEN}RRULE:FREQ=DAILY\r\nRRULE:FREQ=WEEKLY\r\n",
        "periods": f"UID:1\r\n{WHEN}RDATE;VALUE=PERIOD:20300507T090000Z/PT1H\r\n",
        "a year's duration": "UID:1\r\nDTSTART:20300506T090000Z\r\nDURATION:P4000D\r\n",
        "an endless duration": "UID:1\r\nDTSTART:20300506T090000Z\r\nDURATION:P99999999999D\r\n",
    }.items():
        yield name, calendar(lines)
