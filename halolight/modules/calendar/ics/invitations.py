"""Invitations by mail (iTIP, RFC 5546, as iMIP, RFC 6047), if `CALENDAR_MAILS` is set.

The calendar programs of attendees add, change and remove the event. A mail names its recipient as
the only attendee, so attendees do not learn each other's addresses, only that of the owner. A mail
reads the event when it is sent; only a cancellation carries the event, which may be gone by then.
"""

import datetime as dt
from collections.abc import Iterable
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import icalendar
import sqlalchemy as sa
from flask import current_app

from halolight.core.background import mail
from halolight.core.clock import isoformat, utcnow
from halolight.core.db.reads import Row
from halolight.core.i18n import _
from halolight.extensions import db, outbox
from halolight.modules.users.languages import language_of
from halolight.modules.users.models import User
from halolight.modules.users.queries import ACTIVE

from ..models import Event, EventAttendee
from . import writing
from .exporting import EXPORT

REQUEST, CANCEL = "REQUEST", "CANCEL"
TEXTS = {
    REQUEST: _("{organizer} invites you to “{title}”, {when}.\n\n{link}\n"),
    CANCEL: _("“{title}”, {when}, was cancelled, or you are no longer invited.\n"),
}
SUBJECTS = {REQUEST: _("Invitation: {title}"), CANCEL: _("Cancelled: {title}")}

_ID = sa.bindparam("id", type_=sa.Integer)
_PERSON = sa.select(User.id, User.name, User.email, User.email_verified_at, User.language).where(
    User.id == _ID, ACTIVE
)
_INVITED = (
    EXPORT.add_columns(Event.owner_id, EventAttendee.status.label("answer"))
    .join(EventAttendee, EventAttendee.event_id == Event.id)
    .where(Event.id == _ID, EventAttendee.user_id == sa.bindparam("user_id", type_=sa.Integer))
)


def are_sent() -> bool:
    """Whether changes of events are sent by mail."""
    sent: bool = current_app.config["CALENDAR_MAILS"]
    return sent


def request(event: Any, user_ids: Iterable[int]) -> None:
    """Queue a mail for each of these attendees with the event as it is when that is sent."""
    if are_sent():
        changed_at = isoformat(utcnow())
        for user_id in sorted(user_ids):
            outbox.enqueue("event", event_id=event.id, user_id=user_id, changed_at=changed_at)


def cancel(event: Any, user_ids: Iterable[int]) -> None:
    """Queue a mail for each of these people with what they need to forget the event."""
    if not are_sent() or event.owner_id is None:
        return
    series_id, at = event.key
    of: Any = event if event.series_id is None else db.session.get_one(Event, event.series_id)
    gone = {
        "uid": writing.uid_of(series_id, of.created_at, of.uid),
        "sequence": event.version + 1,
        "title": event.title,
        "start": isoformat(event.start),
        "end": isoformat(event.end),
        "all_day": event.all_day,
        "time_zone": event.time_zone,
        "recurrence_id": isoformat(at) if at else None,
        "owner_id": event.owner_id,
    }
    for user_id in sorted(user_ids):
        outbox.enqueue("event_cancelled", user_id=user_id, **gone)


def _address(user_id: int, **_params: Any) -> str | None:
    """The email address of an attendee; None if it is not confirmed."""
    person = db.row(_PERSON, id=user_id)
    needed = current_app.config["EMAIL_VERIFICATION"]
    return person.email if person and (person.email_verified_at or not needed) else None


@outbox.template("event", to=_address)
def write_event(event_id: int, user_id: int, **_params: Any) -> EmailMessage | None:
    """None if the event or the invitation was deleted in the meantime."""
    row = db.row(_INVITED, id=event_id, user_id=user_id)
    organizer = db.row(_PERSON, id=row.owner_id) if row and row.owner_id else None
    if organizer is None:
        return None
    component = writing.event(row)
    component.add("status", "CONFIRMED")
    answer = {"pending": "NEEDS-ACTION"}.get(row.answer, row.answer.upper())
    return _mail(REQUEST, component, row, organizer, user_id, answer, f"/calendar?event={row.id}")


@outbox.template("event_cancelled", to=_address)
def write_cancelled(user_id: int, owner_id: int, **gone: Any) -> EmailMessage | None:
    organizer = db.row(_PERSON, id=owner_id)
    if organizer is None:
        return None
    times = {name: _moment(gone[name]) for name in ("start", "end", "recurrence_id")}
    row: Any = SimpleNamespace(**{**gone, **times}, recurrence=None)
    component = icalendar.Event()
    component.add("uid", row.uid)
    component.add("dtstamp", utcnow())
    component.add("sequence", row.sequence)
    component.add("summary", row.title)
    component.add("status", "CANCELLED")
    writing.add_times(component, row)
    return _mail(CANCEL, component, row, organizer, user_id, "NEEDS-ACTION", "")


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _mail(
    method: str,
    component: icalendar.Event,
    row: Row,
    organizer: Row,
    user_id: int,
    answer: str,
    path: str,
) -> EmailMessage | None:
    """A mail with a text for people, and an iCalendar part for their programs."""
    person = db.row(_PERSON, id=user_id)
    if person is None:
        return None
    component.add("organizer", _party(organizer))
    attendee = _party(person)
    attendee.params |= {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": answer, "RSVP": "TRUE"}
    component.add("attendee", attendee)
    when = f"{row.start:%Y-%m-%d}" if row.all_day else f"{row.start:%Y-%m-%d %H:%M} UTC"
    said = {"organizer": organizer.name, "title": row.title, "when": when}
    text = TEXTS[method].format(**said, link=mail.public_url(path))
    message = mail.compose(person.email, SUBJECTS[method].format(**said), text, language_of(person))
    content = b"".join(writing.of_components([component], [row], method)).decode()
    message.add_alternative(content, subtype="calendar", params={"method": method})
    return message


def _party(person: Row) -> icalendar.vCalAddress:
    party = icalendar.vCalAddress(f"mailto:{person.email}")
    party.params["CN"] = person.name
    return party
