#!/usr/bin/env python3
"""Call all 42 endpoints of the HaloLight specification on a running server.

    python3 examples/walk.py http://localhost:8000 --log server.log

The script signs in as an administrator, creates users, documents, files, messages and events, reads
them, changes them and deletes them, and checks every response. It deletes everything it creates. It
needs only the Python standard library.

The link to reset a forgotten password is sent by mail, and a server in development writes its mail
to the log: pass the log file with `--log` (`make run 2> server.log`). Without it, this step only
checks that an invalid link is rejected. Do not use the server while the script runs: the numbers on
the dashboard would change.
"""

import argparse
import datetime as dt
import hashlib
import json
import re
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ENDPOINTS = {
    *("POST /api/auth/login", "POST /api/auth/register", "POST /api/auth/refresh"),
    *("POST /api/auth/logout", "POST /api/auth/forgot-password", "POST /api/auth/reset-password"),
    *("GET /api/users", "GET /api/users/{}", "POST /api/users", "PUT /api/users/{}"),
    *("DELETE /api/users/{}", "GET /api/users/me"),
    *("GET /api/documents", "GET /api/documents/{}", "POST /api/documents"),
    *("PUT /api/documents/{}", "DELETE /api/documents/{}"),
    *("GET /api/files", "GET /api/files/{}", "POST /api/files/upload", "PUT /api/files/{}"),
    "DELETE /api/files/{}",
    *("GET /api/messages", "GET /api/messages/{}", "POST /api/messages"),
    *("PUT /api/messages/{}/read", "DELETE /api/messages/{}"),
    *("GET /api/notifications", "PUT /api/notifications/{}/read"),
    *("PUT /api/notifications/read-all", "DELETE /api/notifications/{}"),
    *("GET /api/calendar/events", "GET /api/calendar/events/{}", "POST /api/calendar/events"),
    *("PUT /api/calendar/events/{}", "DELETE /api/calendar/events/{}"),
    *("GET /api/dashboard/stats", "GET /api/dashboard/visits", "GET /api/dashboard/sales"),
    *("GET /api/dashboard/pie", "GET /api/dashboard/tasks", "GET /api/dashboard/calendar"),
}
PASSWORD = "a walk through the API"  # noqa: S105 - for accounts that this script creates and deletes
PATIENCE = 30  # seconds to wait for a response or a mail

FindToken = Callable[[str], str]  # returns the token that was mailed to this email address


class Walker:
    """A user of the API. All users add the endpoints they call to the shared set `called`."""

    def __init__(self, base: str, called: set[str]) -> None:
        self._base = base.rstrip("/")
        self._called = called
        self.headers: dict[str, str] = {}

    def sign_in(self, answer: dict[str, Any]) -> None:
        self.headers["Authorization"] = f"Bearer {answer['accessToken']}"

    def call(
        self, endpoint: str, *ids: object, status: int = 200, query: Any = None, **body: Any
    ) -> Any:
        """Call an endpoint, check its status and envelope, and return `data` or `error`."""
        answer = self.send(endpoint, *ids, query=query, body=body, status=status)
        envelope = json.loads(answer)
        check(envelope["success"] is (status < 400), f"{endpoint}: {envelope}")
        return envelope["data"] if status < 400 else envelope["error"]

    def send(
        self,
        endpoint: str,
        *ids: object,
        status: int = 200,
        query: Any = None,
        body: Any = None,
        data: bytes | None = None,
        content_type: str = "application/json",
    ) -> bytes:
        """Send a request, check its status and return the raw body."""
        method, path = endpoint.split(" ")
        address = self._base + path.format(*ids) + (f"?{urlencode(query)}" if query else "")
        if body:
            data = json.dumps(body).encode()
        headers = self.headers | ({"Content-Type": content_type} if data else {})
        request = urllib.request.Request(address, data, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
                came, content = response.status, response.read()
        except urllib.error.HTTPError as error:
            came, content = error.code, error.read()
        check(came == status, f"{endpoint} answered {came}, not {status}: {content[:500]!r}")
        self._called.add(endpoint)
        return bytes(content)


def check(condition: bool, what: object) -> None:
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def walk(base: str, email: str, password: str, find_token: FindToken | None = None) -> set[str]:
    """Call all endpoints, as this administrator and a new user. Returns the endpoints called."""
    called: set[str] = set()
    admin = Walker(base, called)
    admin.sign_in(admin.call("POST /api/auth/login", email=email, password=password))
    visitor, visitor_id, visitor_email = _accounts(admin, Walker(base, called), find_token)
    _users(admin)
    _documents(visitor)
    _files(visitor)
    _messages(admin, visitor, visitor_id)
    _notifications(visitor)
    _calendar(visitor)
    _dashboard(admin)
    admin.call("DELETE /api/users/{}", visitor_id)
    visitor.call("GET /api/users/me", status=401)
    admin.call("POST /api/auth/login", status=401, email=visitor_email, password=PASSWORD)
    return called


def _accounts(
    admin: Walker, visitor: Walker, find_token: FindToken | None
) -> tuple[Walker, int, str]:
    """Register, refresh the tokens, sign out, reset the password and sign in again."""
    email = f"walker-{secrets.token_hex(4)}@example.com"
    first = visitor.call(
        "POST /api/auth/register", status=201, email=email, name="Walker", password=PASSWORD
    )
    visitor.sign_in(first)
    me = visitor.call("GET /api/users/me")
    check(me["email"] == email and me["role"] == "user", me)

    second = visitor.call("POST /api/auth/refresh", refreshToken=first["refreshToken"])
    check(second["refreshToken"] != first["refreshToken"], "the refresh token did not rotate")
    visitor.sign_in(second)
    visitor.call("POST /api/auth/logout")
    visitor.call("GET /api/users/me", status=401)

    visitor.headers.clear()
    visitor.call("POST /api/auth/forgot-password", email=email)
    password = PASSWORD
    if find_token:
        token, password = find_token(email), f"{PASSWORD}, again"
        visitor.call("POST /api/auth/reset-password", token=token, password=password)
    visitor.call("POST /api/auth/reset-password", status=400, token="made up", password=PASSWORD)  # noqa: S106
    visitor.sign_in(visitor.call("POST /api/auth/login", email=email, password=password))
    return visitor, me["id"], email


def _users(admin: Walker) -> None:
    email = f"made-{secrets.token_hex(4)}@example.com"
    made = admin.call("POST /api/users", status=201, email=email, name="Made", password=PASSWORD)
    check(admin.call("GET /api/users/{}", made["id"]) == made, made)
    page = admin.call("GET /api/users", query={"search": email})
    check([user["id"] for user in page["items"]] == [made["id"]] and page["total"] == 1, page)

    changed = admin.call("PUT /api/users/{}", made["id"], department="Research")
    check((changed["department"], changed["name"]) == ("Research", "Made"), changed)
    admin.call("DELETE /api/users/{}", made["id"])
    admin.call("GET /api/users/{}", made["id"], status=404)


def _documents(writer: Walker) -> None:
    made = writer.call("POST /api/documents", status=201, title="Route", content="From here.")
    check(writer.call("GET /api/documents/{}", made["id"])["content"] == "From here.", made)
    check(writer.call("GET /api/documents", query={"search": "from here"})["total"] == 1, made)

    changed = writer.call("PUT /api/documents/{}", made["id"], content="From here to there.")
    check((changed["title"], changed["size"]) == ("Route", 19), changed)
    writer.call("DELETE /api/documents/{}", made["id"])
    writer.call("GET /api/documents/{}", made["id"], status=404)


def _files(writer: Walker) -> None:
    content = secrets.token_bytes(100_000)
    data, content_type = _multipart("walk.bin", content)
    answer = writer.send("POST /api/files/upload", status=201, data=data, content_type=content_type)
    made = json.loads(answer)["data"]
    check(made["size"] == len(content), made)
    check(made["checksum"] == hashlib.sha256(content).hexdigest(), made)
    check(writer.call("GET /api/files/{}", made["id"]) == made, made)
    check(made["id"] in _ids(writer.call("GET /api/files")), "the upload is not in the list")
    check(writer.send(f"GET {made['url']}") == content, "the download is not what was uploaded")

    changed = writer.call("PUT /api/files/{}", made["id"], name="way.bin", isFavorite=True)
    check((changed["name"], changed["isFavorite"]) == ("way.bin", True), changed)
    writer.call("DELETE /api/files/{}", made["id"])
    writer.call("GET /api/files/{}", made["id"], status=404)
    writer.call(f"GET {made['url']}", status=404)


def _messages(sender: Walker, reader: Walker, reader_id: int) -> None:
    text = f"Are you there? {secrets.token_hex(4)}"
    sent = sender.call("POST /api/messages", status=201, recipientId=reader_id, content=text)
    inbox = reader.call("GET /api/messages", query={"box": "inbox", "unread": "true"})
    check(_ids(inbox) == [sent["id"]], inbox)
    got = reader.call("GET /api/messages/{}", sent["id"])
    check((got["content"], got["read"]) == (text, False), got)

    reader.call("PUT /api/messages/{}/read", sent["id"])
    check(reader.call("GET /api/messages/{}", sent["id"])["read"] is True, "it is still unread")
    for who in (reader, sender):
        who.call("DELETE /api/messages/{}", sent["id"])
        who.call("GET /api/messages/{}", sent["id"], status=404)


def _notifications(reader: Walker) -> None:
    """The message sent before has created a notification."""
    page = reader.call("GET /api/notifications", query={"unread": "true"})
    check(page["total"] >= 1 and page["items"][0]["type"] == "message", page)
    first = page["items"][0]["id"]

    reader.call("PUT /api/notifications/{}/read", first)
    reader.call("PUT /api/notifications/read-all")
    check(reader.call("GET /api/notifications", query={"unread": "true"})["total"] == 0, page)
    reader.call("DELETE /api/notifications/{}", first)
    check(first not in _ids(reader.call("GET /api/notifications")), "it is still there")


def _calendar(owner: Walker) -> None:
    start = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=1)
    end = start + dt.timedelta(hours=1)
    made = owner.call(
        "POST /api/calendar/events",
        status=201,
        title="Walk",
        start=start.isoformat(),
        end=end.isoformat(),
    )
    check(dt.datetime.fromisoformat(made["start"]) == start, made)
    check(owner.call("GET /api/calendar/events/{}", made["id"]) == made, made)
    during = {
        "start": (start + dt.timedelta(minutes=30)).isoformat(),
        "end": (end + dt.timedelta(hours=9)).isoformat(),
    }
    check(_ids(owner.call("GET /api/calendar/events", query=during)) == [made["id"]], made)

    changed = owner.call("PUT /api/calendar/events/{}", made["id"], location="Outside")
    check((changed["location"], changed["title"]) == ("Outside", "Walk"), changed)
    owner.call("DELETE /api/calendar/events/{}", made["id"])
    owner.call("GET /api/calendar/events/{}", made["id"], status=404)


def _dashboard(admin: Walker) -> None:
    """Create a document and an event: the totals go up by one. Delete them: they go down again."""
    before = admin.call("GET /api/dashboard/stats")
    now = dt.datetime.now(dt.UTC)
    document = admin.call("POST /api/documents", status=201, title="One more")
    task = admin.call(
        "POST /api/calendar/events",
        status=201,
        title=f"Walk on {secrets.token_hex(4)}",
        type="task",
        start=now.isoformat(),
        end=(now + dt.timedelta(minutes=1)).isoformat(),
    )
    after = admin.call("GET /api/dashboard/stats")
    for key in ("totalDocuments", "totalEvents"):
        check(after[key] == before[key] + 1, (key, before[key], after[key]))
    check(task["id"] in [each["id"] for each in admin.call("GET /api/dashboard/tasks")], task)
    today = admin.call("GET /api/dashboard/calendar", query={"tz": "UTC"})
    check(task["id"] in [each["id"] for each in today], today)

    admin.call("DELETE /api/documents/{}", document["id"])
    admin.call("DELETE /api/calendar/events/{}", task["id"])
    last = admin.call("GET /api/dashboard/stats")
    check(last["totalDocuments"] == before["totalDocuments"], (before, last))

    days = admin.call("GET /api/dashboard/visits", query={"days": 7})
    check(len(days) == 7 and days[-1]["date"] == now.date().isoformat(), days)
    months = admin.call("GET /api/dashboard/sales", query={"months": 12})
    check(len(months) == 12, months)
    slices = admin.call("GET /api/dashboard/pie", query={"by": "role"})
    check(sum(each["value"] for each in slices) == last["totalUsers"], (slices, last))


def _ids(page: dict[str, Any]) -> list[int]:
    return [item["id"] for item in page["items"]]


def _multipart(name: str, content: bytes) -> tuple[bytes, str]:
    """A form with one file, encoded as browsers do it (RFC 7578), and its content type."""
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def mailed_token(log: Callable[[], str], email: str) -> str:
    """Wait for the mail to this email address in the log and return the token in its link."""
    for _ in range(PATIENCE * 10):
        _, _, mail = log().rpartition(f"mail to {email}: ")
        if link := re.search(r"reset-password\?token=(\S+)", mail):
            return link[1]
        time.sleep(0.1)
    raise SystemExit("FAILED: no mail with a link came")


def main() -> None:
    parser = argparse.ArgumentParser(description="Call all endpoints of the specification.")
    parser.add_argument("base", nargs="?", default="http://localhost:8000")
    parser.add_argument("--email", default="admin@example.com", help="of an administrator")
    parser.add_argument("--password", default="123456")
    parser.add_argument("--log", type=Path, help="log file of a server in development")
    given = parser.parse_args()
    find_token = partial(mailed_token, given.log.read_text) if given.log else None
    called = walk(given.base, given.email, given.password, find_token)
    missed = ENDPOINTS - called
    check(not missed, f"not called: {sorted(missed)}")
    sys.stdout.write(f"All {len(ENDPOINTS)} endpoints of the specification work\n")


if __name__ == "__main__":
    main()
