"""What the tests of files do over and over."""

import io
import zipfile
from typing import Any

import sqlalchemy as sa
from flask import Flask
from PIL import Image

from halolight.core.storage import stores
from halolight.extensions import db
from halolight.modules.files.models import Blob, File
from tests.api_client import ApiClient

UPLOAD = "/api/files/upload"
BOUNDARY = "xyz"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(disposition: str, data: bytes) -> bytes:
    """One part of a form."""
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + data + b"\r\n"


def form(data: bytes, name: str = "hello.txt", **fields: str) -> bytes:
    """A form with these bytes as its file, as it is sent."""
    parts = [part(f'name="{field}"', value.encode()) for field, value in fields.items()]
    return b"".join([*parts, part(f'name="file"; filename="{name}"', data)]) + END


END = f"--{BOUNDARY}--\r\n".encode()


def upload(
    client: ApiClient,
    data: bytes = b"hello",
    name: str = "hello.txt",
    *,
    status: int = 201,
    **fields: str,
) -> Any:
    return client.post(UPLOAD, data=form(data, name, **fields), headers=FORM, status=status)


def add_folder(client: ApiClient, path: str, parent_id: int | None = None) -> int:
    """A folder of the client's."""
    name = path.rpartition("/")[2]
    with client.app.app_context():
        folder = File(
            name=name, path=path, type="folder", owner_id=client.user_id, folder_id=parent_id
        )
        db.session.add(folder)
        db.session.commit()
        return folder.id


def delete_files(app: Flask, *ids: int) -> list[str | None]:
    """Delete the rows; answers with the checksums that they had."""
    with app.app_context():
        gone = db.session.scalars(sa.delete(File).where(File.id.in_(ids)).returning(File.checksum))
        checksums = list(gone)
        db.session.commit()
        return checksums


def stored(app: Flask) -> list[str]:
    """The names of all that lies in the storage, also of what is still coming in."""
    if app.config["STORAGE_URL"].startswith("s3:"):
        from tests.s3_server import bucket, everything_in

        return everything_in(bucket(app.config["STORAGE_URL"]))
    with app.app_context():
        paths = stores.local_folder().rglob("*")
        return sorted(path.name for path in paths if path.is_file())


def key_of(app: Flask, file: Any) -> str:
    """Under which key the bytes of a file lie."""
    with app.app_context():
        key = sa.select(Blob.storage_key).filter_by(checksum=file["checksum"])
        return db.session.scalars(key).one()


def put(app: Flask, key: str, data: bytes) -> None:
    """Have these bytes lie under the key, whatever lay there."""
    with app.app_context():
        incoming = stores.current().receive(key)
        incoming.write(data)
        incoming.complete()
        incoming.keep()
        incoming.discard()


def assert_nothing_is_left(app: Flask) -> None:
    """Neither rows nor bytes, also of what was coming in."""
    assert stored(app) == []
    with app.app_context():
        assert db.session.query(File).count() == 0
        assert db.session.query(Blob).count() == 0


def picture(
    kind: str = "PNG", size: tuple[int, int] = (600, 300), mode: str = "RGB", **options: Any
) -> bytes:
    """An image of one colour."""
    written = io.BytesIO()
    Image.new(mode, size, 100 if mode == "L" else "red").save(written, kind, **options)
    return written.getvalue()


def archive(**entries: str) -> bytes:
    """A zip with these files in it; `__` in a name is a slash."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in entries.items():
            file.writestr(name.replace("__", "/"), text)
    return written.getvalue()
