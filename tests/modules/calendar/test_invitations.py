"""Invitations by mail (iTIP): what attendees get for calendars of their own."""

from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.factories import Factory
from tests.mailbox import Mailbox

from .steps import EVENTS, path, plan

Sent = tuple[str, Any]  # the method, and its VEVENT


@pytest.fixture
def mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    monkeypatch.setitem(app.config, "CALENDAR_MAILS", True)
    return Mailbox(app)


def calendar_of(message: EmailMessage) -> Sent:
    part = message.get_body(("calendar",))
    assert part is not None
    assert part.get_content_type() == "text/calendar"
    content = icalendar.Calendar.from_ical(part.get_content())
    [event] = content.walk("VEVENT")
    assert part["Content-Type"].params["method"] == content["method"]
    return str(content["method"]), event


def sent(mailbox: Mailbox) -> list[Sent]:
    """What has been sent since one has looked."""
    found = [calendar_of(message) for message in mailbox.deliver()]
    mailbox.messages.clear()
    return found


def test_are_in_the_language_of_the_attendee(
    user: ApiClient, make: Factory, mailbox: Mailbox
) -> None:
    people = [make.user("user", language=each).id for each in ("zh", "en")]
    event = plan(user, attendeeIds=people)
    user.delete(path(event))

    english, chinese = sorted(message["Subject"] for message in mailbox.deliver())

    assert english == "Cancelled: Review"
    assert chinese.startswith("日程已取消")


def test_are_sent_changed_and_cancelled(
    user: ApiClient, admin: ApiClient, mailbox: Mailbox
) -> None:
    event = plan(user, "Größe; “x”", attendeeIds=[admin.user_id], location="Room 1")
    [message] = mailbox.deliver()
    plain = message.get_body(("plain",))
    assert plain is not None
    assert "“Größe; “x””, 2030-05-06 09:00 UTC" in plain.get_content()
    [(method, invited)] = sent(mailbox)
    owner, attendee = (user.get("/api/users/me"), admin.get("/api/users/me"))

    assert (method, str(invited["summary"])) == ("REQUEST", "Größe; “x”")
    assert invited["organizer"] == f"mailto:{owner['email']}"
    assert invited["attendee"] == f"mailto:{attendee['email']}"
    assert invited["attendee"].params["PARTSTAT"] == "NEEDS-ACTION"
    admin.put(f"{path(event)}/respond", json={"status": "accepted"})
    user.patch(f"{path(event)}/reschedule", json={"start": "2030-05-07T09:00:00Z"})
    user.put(path(event), json={"title": "New"})
    user.put(path(event), json={"color": "red"})  # which no other calendar shows
    [(_, moved)] = sent(mailbox)[-1:]
    assert moved["uid"] == invited["uid"]
    assert moved["sequence"] > invited["sequence"]
    assert moved["dtstart"].dt.isoformat() == "2030-05-07T09:00:00+00:00"
    assert moved["attendee"].params["PARTSTAT"] == "ACCEPTED"
    user.delete(path(event))
    [(method, gone)] = sent(mailbox)
    assert (method, gone["status"], gone["uid"]) == ("CANCEL", "CANCELLED", invited["uid"])
    assert gone["sequence"] > moved["sequence"]


def test_of_occurrences_name_them(user: ApiClient, admin: ApiClient, mailbox: Mailbox) -> None:
    series = plan(
        user,
        start="2030-05-06T09:00:00",
        timeZone="Europe/Berlin",
        attendeeIds=[admin.user_id],
        recurrence={"rule": "FREQ=WEEKLY;COUNT=4"},
    )
    [(_, invited)] = sent(mailbox)
    assert invited["rrule"].to_ical() == b"FREQ=WEEKLY;COUNT=4"
    items = user.get(f"{EVENTS}?start=2030-05-01&end=2030-07-01")["items"]

    user.put(path(items[1]), json={"title": "Other"})
    user.delete(path(items[2]))

    (_, changed), (method, cancelled) = sorted(sent(mailbox), key=lambda each: each[0] == "CANCEL")
    assert changed["uid"] == cancelled["uid"] == invited["uid"]
    assert changed["recurrence-id"].dt.isoformat() == "2030-05-13T09:00:00+02:00"
    assert (method, cancelled["recurrence-id"].dt.isoformat()) == (
        "CANCEL",
        "2030-05-20T09:00:00+02:00",
    )
    user.delete(f"{path(series)}/attendees/{admin.user_id}")
    [(method, left)] = sent(mailbox)
    assert (method, left.get("recurrence-id")) == ("CANCEL", None)


def test_tell_nobody_the_address_of_another(
    user: ApiClient, make: Factory, mailbox: Mailbox
) -> None:
    others = [make.user(), make.user()]
    plan(user, attendeeIds=[each.id for each in others])

    messages = [message.as_string() for message in mailbox.deliver()]

    assert [sum(each.email in text for each in others) for text in messages] == [1, 1]


def test_are_not_sent_for_what_is_over_when_they_would_be(
    user: ApiClient, admin: ApiClient, make: Factory, mailbox: Mailbox
) -> None:
    event = plan(user, attendeeIds=[admin.user_id])
    user.put(path(event), json={"attendeeIds": []})

    assert [method for method, _ in sent(mailbox)] == ["CANCEL"]


def test_are_off_unless_they_are_asked_for(app: Flask, user: ApiClient, admin: ApiClient) -> None:
    mailbox = Mailbox(app)
    user.delete(path(plan(user, attendeeIds=[admin.user_id])))

    assert mailbox.deliver() == []
