"""Links that need no token, and end."""

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine

from halolight.core.clock import isoformat
from halolight.extensions import db
from halolight.modules.files.content.signed_urls import sign_thumbnail
from halolight.modules.files.models import File
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import Factory

from .steps import FORM, UPLOAD, delete_files, form, picture, upload


@pytest.fixture
def link(user: ApiClient) -> str:
    """The path and the query of a link to the file with the id 1 of the user."""
    file = upload(user)
    url: str = user.get(f"/api/files/{file['id']}/download-url")["url"]
    return url


def test_no_link_takes_its_host_from_the_request(user: ApiClient) -> None:
    """Whoever may set `Host` could else send people elsewhere: links are paths of this server."""
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    file = user.call("POST", UPLOAD, 201, data=form(picture()), headers={**FORM, **headers})
    path = f"/api/files/{file['id']}"
    signed = user.get(f"{path}/download-url", headers=headers)
    share = {"public": True}
    [shared] = user.call("POST", f"{path}/share", 200, json=share, headers=headers)
    viewed = user.get(shared["url"], headers=headers)

    links = [*(file["url"], file["thumbnail"], signed["url"], shared["url"], viewed["downloadUrl"])]
    assert [link for link in links if not link.startswith("/api/")] == []
    for link in links:
        user.open("GET", link).close()
        assert user.open("GET", link).status_code == 200


class TestLink:
    def test_downloads_without_a_token(self, anonymous: ApiClient, link: str) -> None:
        assert anonymous.download(link) == b"hello"
        assert anonymous.download(link, status=206, headers={"Range": "bytes=1-2"}) == b"el"
        assert "hello.txt" in anonymous.last.headers["Content-Disposition"]

    def test_says_until_when(self, user: ApiClient) -> None:
        file = upload(user)
        now = dt.datetime.now(dt.UTC)

        link = user.get(f"/api/files/{file['id']}/download-url")

        assert isoformat(now + dt.timedelta(minutes=4, seconds=55)) <= link["expiresAt"]
        assert link["expiresAt"] <= isoformat(now + dt.timedelta(minutes=5, seconds=5))

    def test_ends_after_five_minutes(
        self, anonymous: ApiClient, link: str, clock: time_machine.Traveller
    ) -> None:
        clock.shift(290)
        anonymous.download(link)

        clock.shift(20)
        anonymous.get(link, status=403)

    @pytest.mark.parametrize(
        "change",
        [
            lambda link: f"{link}x",
            lambda link: link[:-1],
            lambda link: link.replace("ticket=", "ticket=x"),
            lambda link: f"{link.partition('=')[0]}=a.b.c",
            lambda link: f"{link.partition('=')[0]}=%FF%C3",
            lambda link: f"{link.partition('.')[0]}.{'x' * 40}",
        ],
    )
    def test_cannot_be_forged(
        self, anonymous: ApiClient, link: str, change: Callable[[str], str]
    ) -> None:
        anonymous.get(change(link), status=403)

    def test_is_missing_its_ticket(self, anonymous: ApiClient) -> None:
        anonymous.get("/api/files/signed", status=400)

    def test_is_only_given_for_what_one_sees(self, user: ApiClient, make: Factory) -> None:
        path = f"/api/files/{upload(user)['id']}/download-url"

        assert make.client().get(path, status=404) == user.get(
            "/api/files/999999/download-url", status=404
        )


class TestEnds:
    """A link is worth what its maker may do now."""

    def change(self, user: ApiClient, statement: sa.Update) -> None:
        with user.app.app_context():
            db.session.execute(statement)
            db.session.commit()

    @pytest.mark.parametrize("fields", [{"status": "SUSPENDED"}, {"role": "guest"}])
    def test_with_the_maker(
        self, user: ApiClient, anonymous: ApiClient, link: str, fields: dict[str, str]
    ) -> None:
        self.change(user, sa.update(User).filter_by(id=user.user_id).values(**fields))

        anonymous.get(link, status=404)

    def test_when_the_file_is_somebody_elses(
        self, user: ApiClient, anonymous: ApiClient, link: str, make: Factory
    ) -> None:
        self.change(user, sa.update(File).values(owner_id=make.user().id))

        anonymous.get(link, status=404)

    def test_when_the_file_is_deleted(
        self, user: ApiClient, anonymous: ApiClient, link: str
    ) -> None:
        with user.app.app_context():
            [file_id] = db.session.scalars(sa.select(File.id))
        delete_files(user.app, file_id)

        anonymous.get(link, status=404)

    def test_when_its_bytes_are_others(
        self, user: ApiClient, anonymous: ApiClient, link: str
    ) -> None:
        other = upload(user, b"other bytes", "other.txt")
        checksum = sa.update(File).values(checksum=other["checksum"])
        self.change(user, checksum.where(File.id != other["id"]))

        anonymous.get(link, status=404)


class TestThumbnailLink:
    """Two hours at most, and only as long as who has got it sees the file."""

    @pytest.fixture
    def link(self, user: ApiClient) -> str:
        file = upload(user, picture(), "red.png")
        return sign_thumbnail(user.app.config["JWT_SECRET_KEY"], user.user_id, file["id"])

    def test_shows_the_picture_without_a_token(self, anonymous: ApiClient, link: str) -> None:
        assert anonymous.download(link)[8:12] == b"WEBP"
        assert anonymous.last.headers["Content-Disposition"] == "inline"

    def test_lasts_an_hour_and_ends_after_two(
        self, anonymous: ApiClient, link: str, clock: time_machine.Traveller
    ) -> None:
        clock.shift(3590)
        anonymous.download(link)

        clock.shift(3611)
        anonymous.get(link, status=403)

    def test_opens_no_other_door(self, user: ApiClient, anonymous: ApiClient, link: str) -> None:
        file = upload(user, picture(), "blue.png")
        ticket = user.get(f"/api/files/{file['id']}/download-url")["url"].partition("=")[2]

        anonymous.get(f"/api/files/thumbnail?signed={ticket}", status=403)
        anonymous.get(f"/api/files/signed?ticket={link.partition('=')[2]}", status=403)
        anonymous.get(f"{link}x", status=403)

    def test_ends_with_who_has_got_it(
        self, user: ApiClient, anonymous: ApiClient, link: str
    ) -> None:
        with user.app.app_context():
            db.session.execute(sa.update(User).values(status="SUSPENDED"))
            db.session.commit()

        anonymous.get(link, status=404)

    def test_ends_when_the_file_is_somebody_elses(
        self, user: ApiClient, anonymous: ApiClient, link: str, make: Factory
    ) -> None:
        with user.app.app_context():
            db.session.execute(sa.update(File).values(owner_id=make.user().id))
            db.session.commit()

        anonymous.get(link, status=404)
