import datetime as dt
import os
from pathlib import Path

import pytest

from halolight.core.clock import utcnow
from halolight.core.errors import ServiceUnavailable
from halolight.core.storage.disk import Disk, Incoming

KEY = "0123456789abcdef" * 4


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "store")


def arrived(disk: Disk, data: bytes = b"hello") -> Incoming:
    incoming = disk.receive()
    incoming.write(data)
    incoming.complete()
    return incoming


def put(disk: Disk, key: str, data: bytes = b"hello") -> None:
    incoming = arrived(disk, data)
    disk.publish(incoming, key)
    incoming.discard()


def files(disk: Disk, folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class TestPublishing:
    def test_what_is_published_can_be_read_from_any_byte(self, disk: Disk) -> None:
        put(disk, KEY)

        assert disk.size(KEY) == 5
        for start in range(6):
            with disk.open(KEY, start) as file:
                assert file.read() == b"hello"[start:]

    def test_what_is_not_is_not_there(self, disk: Disk) -> None:
        incoming = arrived(disk)

        assert disk.size(KEY) is None
        assert list(disk.stored()) == []
        with pytest.raises(FileNotFoundError):
            disk.open(KEY)
        incoming.discard()

    def test_takes_the_place_of_what_was_there_whole(self, disk: Disk) -> None:
        put(disk, KEY, b"old")
        with disk.open(KEY) as reading:
            put(disk, KEY, b"new bytes")

            assert reading.read() == b"old"
        with disk.open(KEY) as file:
            assert file.read() == b"new bytes"

    def test_can_be_read_before(self, disk: Disk) -> None:
        incoming = arrived(disk)

        incoming.file.seek(0)
        assert incoming.file.read() == b"hello"
        incoming.discard()

    def test_syncs_as_it_grows(self, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
        synced: list[int] = []
        monkeypatch.setattr("halolight.core.storage.disk.SYNC_EVERY", 100)
        monkeypatch.setattr("os.fsync", synced.append)

        incoming = disk.receive()
        for _ in range(25):
            incoming.write(b"x" * 10)
        assert len(synced) == 2
        incoming.complete()
        assert len(synced) == 3
        incoming.discard()

    def test_syncs_the_folder_of_what_is_published(
        self, disk: Disk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Otherwise the name could be lost with the power, and the bytes with it."""
        synced: list[Path] = []

        def note(file: int) -> None:
            synced.append(Path(os.readlink(f"/proc/self/fd/{file}")))

        monkeypatch.setattr("os.fsync", note)

        put(disk, KEY)

        assert any((folder / KEY).is_file() for folder in synced)

    def test_a_discarded_one_leaves_nothing(self, disk: Disk, tmp_path: Path) -> None:
        incoming = arrived(disk)
        incoming.discard()
        incoming.discard()

        assert files(disk, tmp_path) == []

    def test_a_published_one_is_not_discarded(self, disk: Disk) -> None:
        incoming = arrived(disk)
        disk.publish(incoming, KEY)
        incoming.discard()

        assert disk.size(KEY) == 5


class TestKeys:
    @pytest.mark.parametrize(
        "key",
        ["", "a", "../etc/passwd", f"{KEY}/x", f"/{KEY}", f"{KEY}\n", f"{KEY}.", KEY.upper()],
    )
    def test_are_hashes_only(self, disk: Disk, key: str) -> None:
        for call in (disk.open, disk.size, disk.delete):
            with pytest.raises(ValueError, match="is not a key"):
                call(key)

    def test_lie_two_folders_deep(self, disk: Disk, tmp_path: Path) -> None:
        put(disk, KEY)
        put(disk, f"{KEY}.webp")

        folder = f"store/objects/01/23/{KEY}"
        assert files(disk, tmp_path) == [folder, f"{folder}.webp"]

    def test_are_listed(self, disk: Disk) -> None:
        put(disk, KEY)

        [stored] = disk.stored()
        assert stored.key == KEY
        assert abs(stored.stored_at - utcnow()) < dt.timedelta(minutes=1)

    def test_of_what_others_have_put_there_are_not_listed(self, disk: Disk, tmp_path: Path) -> None:
        """NFS keeps what is deleted while it is read, under a name of its own."""
        put(disk, KEY)
        (tmp_path / "store/objects/01/23/.nfs000000000000001f").touch()

        assert [stored.key for stored in disk.stored()] == [KEY]

    def test_are_deleted_once_or_twice(self, disk: Disk) -> None:
        put(disk, KEY)

        disk.delete(KEY)
        disk.delete(KEY)

        assert disk.size(KEY) is None


class TestStale:
    def test_is_what_began_before(self, disk: Disk) -> None:
        incoming = arrived(disk)

        assert disk.discard_stale(utcnow() - dt.timedelta(minutes=1)) == 0
        assert disk.discard_stale(utcnow() + dt.timedelta(minutes=1)) == 1
        assert disk.discard_stale(utcnow() + dt.timedelta(minutes=1)) == 0
        incoming.discard()


class TestAway:
    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "store").write_text("a file")

        with pytest.raises(ServiceUnavailable):
            Disk(tmp_path / "store").receive()
