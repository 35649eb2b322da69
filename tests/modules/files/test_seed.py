"""The demo's files are real ones."""

import io
import wave
import zipfile
from random import Random

from flask import Flask
from PIL import Image

from halolight.core.storage import stores
from halolight.extensions import db
from halolight.modules.files import samples
from halolight.modules.files.models import Blob, File
from halolight.modules.files.seed import seed_demo
from tests.api_client import ApiClient


def test_they_are_whole(app: Flask, user: ApiClient) -> None:
    """In one case: to add them takes longer than to look at them."""
    with app.app_context():
        seed_demo(Random("files"))
        db.session.commit()

    they_lie_in_the_folders_that_their_paths_name(user)
    their_bytes_are_stored_once(app)
    their_pictures_have_thumbnails(user)


def they_lie_in_the_folders_that_their_paths_name(user: ApiClient) -> None:
    files = user.get("/api/files?pageSize=100")["items"]

    by_id = {file["id"]: file for file in files}
    assert {file["type"] for file in files} == {"folder", "document", "image", "archive", "audio"}
    for file in files:
        around = by_id[file["folderId"]]["path"] if file["folderId"] else ""
        assert file["path"] == f"{around}/{file['name']}"


def their_bytes_are_stored_once(app: Flask) -> None:
    with app.app_context():
        used = set(db.session.scalars(db.select(File.checksum).where(File.checksum.is_not(None))))
        blobs = db.session.scalars(db.select(Blob)).all()

        assert {blob.checksum for blob in blobs} == used
        for blob in blobs:
            assert stores.current().size(blob.storage_key) == blob.size


def their_pictures_have_thumbnails(user: ApiClient) -> None:
    pictures = user.get("/api/files?type=image&pageSize=100")["items"]

    assert pictures
    for picture in pictures:
        thumbnail = user.open("GET", picture["thumbnail"])
        with Image.open(io.BytesIO(thumbnail.data)) as image:
            assert max(image.size) <= 256


def test_they_are_what_they_are_called() -> None:
    random = Random(1)
    for data, kind in ((samples.chart(random), "PNG"), (samples.landscape(random), "JPEG")):
        with Image.open(io.BytesIO(data)) as image:
            assert image.format == kind
            image.load()
    with zipfile.ZipFile(io.BytesIO(samples.archive(random))) as packed:
        assert packed.testzip() is None
    with wave.open(io.BytesIO(samples.tone(random))) as sound:
        assert sound.getnframes() == samples.RATE
    page = samples.page(random)
    at = int(page.rsplit(b"startxref\n", 1)[1].split()[0])
    assert page[at:].startswith(b"xref")
    assert page[int(page[at:].split(b"\n")[3][:10]) :].startswith(b"1 0 obj")


def test_they_are_the_same_each_time() -> None:
    makers = (samples.chart, samples.landscape, samples.archive, samples.tone, samples.page)

    assert [make(Random(3)) for make in makers] == [make(Random(3)) for make in makers]
