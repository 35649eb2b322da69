"""What every storage does, and what only a disk does; for buckets see test_s3.py."""

import datetime as dt
import os
from pathlib import Path

import pytest

from halolight.core.clock import utcnow
from halolight.core.errors import ServiceUnavailable
from halolight.core.storage import downloads
from halolight.core.storage.disk import Disk
from halolight.core.storage.protocol import Incoming, Storage

KEY = "0123456789abcdef" * 4
LARGE = bytes(range(256)) * 80 * 1024  # 20 MB: on S3 three parts


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "store")


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """An empty one of each kind."""
    if request.param == "disk":
        folder: Disk = request.getfixturevalue("disk")
        return folder
    from tests.s3_server import bucket, with_new_prefix

    return bucket(with_new_prefix(request.getfixturevalue("s3_url")))


def arrived(storage: Storage, data: bytes = b"hello", key: str = "") -> Incoming:
    incoming = storage.receive(key)
    for start in range(0, len(data), 1_000_000):
        incoming.write(data[start : start + 1_000_000])
    incoming.complete()
    return incoming


def put(storage: Storage, key: str, data: bytes = b"hello") -> None:
    incoming = arrived(storage, data, key)
    incoming.keep()
    incoming.discard()


def read(storage: Storage, key: str, start: int = 0, stop: int | None = None) -> bytes:
    found = b""
    with storage.open(key, start, stop) as reader:
        while chunk := reader.read(downloads.CHUNK):
            found += chunk
    return found


def keys(storage: Storage) -> list[str]:
    return [each.key for each in storage.stored()]


class TestStoring:
    def test_what_is_complete_can_be_read_in_parts(self, storage: Storage) -> None:
        put(storage, KEY)

        assert storage.size(KEY) == 5
        for start in range(6):
            for stop in (*range(start, 6), None):
                assert read(storage, KEY, start, stop) == b"hello"[start:stop]
        with storage.open(KEY) as reader:
            assert reader.read() == b"hello"

    @pytest.mark.parametrize("size", [0, 8 * 1024**2, 8 * 1024**2 + 1, len(LARGE)])
    def test_any_size_arrives_as_it_is(self, storage: Storage, size: int) -> None:
        put(storage, KEY, LARGE[:size])

        assert storage.size(KEY) == size
        assert read(storage, KEY) == LARGE[:size]
        assert read(storage, KEY, size // 2, size // 2 + 100) == LARGE[:size][size // 2 :][:100]

    @pytest.mark.parametrize("data", [b"hello", LARGE])
    def test_what_is_not_complete_is_not_there(self, storage: Storage, data: bytes) -> None:
        incoming = storage.receive(KEY)
        incoming.write(data)

        assert storage.size(KEY) is None
        assert keys(storage) == []
        with pytest.raises(FileNotFoundError):
            storage.open(KEY)
        incoming.discard()

    def test_takes_the_place_of_what_was_there_whole(self, storage: Storage) -> None:
        put(storage, KEY, b"old")
        with storage.open(KEY) as reading:
            put(storage, KEY, b"new bytes")

            assert reading.read() == b"old"
        assert read(storage, KEY) == b"new bytes"

    def test_gives_each_a_key_of_its_own(self, storage: Storage) -> None:
        one, two = arrived(storage), arrived(storage)

        assert sorted(keys(storage)) == sorted([one.key, two.key])
        assert one.key != two.key
        one.discard()
        two.discard()

    @pytest.mark.parametrize("data", [b"hello", LARGE])
    def test_a_discarded_one_leaves_nothing(self, storage: Storage, data: bytes) -> None:
        incoming = arrived(storage, data)
        unfinished = storage.receive()
        unfinished.write(data)
        for _ in range(2):
            incoming.discard()
            unfinished.discard()

        assert keys(storage) == []
        assert storage.discard_stale(utcnow() + dt.timedelta(minutes=1)) == 0

    def test_a_kept_one_is_not_discarded(self, storage: Storage) -> None:
        incoming = arrived(storage)
        incoming.keep()
        incoming.discard()

        assert storage.size(incoming.key) == 5


class TestView:
    @pytest.mark.parametrize("data", [b"hello", LARGE])
    def test_has_the_beginning_and_the_end(self, storage: Storage, data: bytes) -> None:
        incoming = arrived(storage, data)

        with incoming.view(data[:100], tail=1000) as file:
            assert file.read(4) == data[:4]
            assert file.seek(-3, os.SEEK_END) == len(data) - 3
            assert file.read() == data[-3:]
            file.seek(-min(1000, len(data)), os.SEEK_END)
            assert file.read(2000) == data[-1000:]
        incoming.discard()

    @pytest.mark.parametrize("data", [b"hello", LARGE])
    def test_has_everything_that_is_asked_for(self, storage: Storage, data: bytes) -> None:
        incoming = arrived(storage, data)

        with incoming.view(b"", tail=len(data)) as file:
            assert file.read() == data
        incoming.discard()


class TestKeys:
    def test_are_random_or_hashes_only(self, storage: Storage) -> None:
        no_keys = ["", "a", "../etc/passwd", f"{KEY}/x", f"/{KEY}", f"{KEY}\n", f"{KEY}."]
        for key in (*no_keys, KEY.upper()):
            for call in (storage.open, storage.size, storage.delete):
                with pytest.raises(ValueError, match="is not a key"):
                    call(key)

    def test_are_listed(self, storage: Storage) -> None:
        put(storage, KEY)
        put(storage, f"{KEY}.webp")

        assert sorted(keys(storage)) == [KEY, f"{KEY}.webp"]
        for stored in storage.stored():
            assert stored.size == 5
            assert abs(stored.stored_at - utcnow()) < dt.timedelta(minutes=1)

    def test_are_deleted_once_or_twice(self, storage: Storage) -> None:
        put(storage, KEY)

        storage.delete(KEY)
        storage.delete(KEY)

        assert storage.size(KEY) is None


class TestStale:
    def test_is_what_began_before_and_is_not_complete(self, storage: Storage) -> None:
        incoming = storage.receive()
        incoming.write(LARGE)
        put(storage, KEY)

        assert storage.discard_stale(utcnow() - dt.timedelta(minutes=1)) == 0
        assert storage.discard_stale(utcnow() + dt.timedelta(minutes=1)) == 1
        assert storage.discard_stale(utcnow() + dt.timedelta(minutes=1)) == 0
        assert keys(storage) == [KEY]
        incoming.discard()


class TestDisk:
    def test_lays_keys_out_in_folders(self, disk: Disk, tmp_path: Path) -> None:
        put(disk, KEY)

        [path] = (path for path in tmp_path.rglob("*") if path.is_file())
        assert path == tmp_path / "store/objects/01/23" / KEY

    def test_lists_nothing_that_others_have_put_there(self, disk: Disk, tmp_path: Path) -> None:
        """NFS keeps what is deleted while it is read, under a name of its own."""
        put(disk, KEY)
        (tmp_path / "store/objects/01/23/.nfs000000000000001f").touch()

        assert keys(disk) == [KEY]

    def test_syncs_as_a_file_grows(self, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
        synced: list[int] = []
        monkeypatch.setattr("halolight.core.storage.disk.SYNC_EVERY", 100)
        monkeypatch.setattr("os.fsync", synced.append)

        incoming = disk.receive()
        for _ in range(25):
            incoming.write(b"x" * 10)
        assert len(synced) == 2
        incoming.complete()
        assert len(set(synced)) > 1
        incoming.discard()

    def test_syncs_the_folder_of_what_is_complete(
        self, disk: Disk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Otherwise the name could be lost with the power, and the bytes with it."""
        synced: list[Path] = []

        def note(file: int) -> None:
            synced.append(Path(os.readlink(f"/proc/self/fd/{file}")))

        monkeypatch.setattr("os.fsync", note)

        put(disk, KEY)

        assert any((folder / KEY).is_file() for folder in synced)

    def test_is_away_where_the_folder_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "store").write_text("a file")

        with pytest.raises(ServiceUnavailable):
            Disk(tmp_path / "store").receive()
