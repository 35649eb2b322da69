"""The files and folders of the demo."""

import datetime as dt
from collections.abc import Callable, Sequence
from random import Random

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.core.storage.uploads import Upload
from halolight.extensions import db
from halolight.modules.teams.models import Team
from halolight.modules.users.models import User

from . import samples
from .content.uploading import PendingFile
from .models import FOLDER, File, FileFavorite, FileShare
from .tree.places import Place

DEMO = "files"
AFTER = ("users", "teams")

OWNERS = 8
# What everybody has: the folder, the names of the files in it and what makes their bytes.
TREE: dict[str, dict[str, Callable[[Random], bytes]]] = {
    "/Projects": {},
    "/Projects/Launch": {
        "Launch plan.pdf": samples.page,
        "Meeting notes.txt": samples.notes,
        "Forecast.csv": samples.figures,
    },
    "/Projects/Research": {"Interviews.zip": samples.archive, "Findings.png": samples.chart},
    "/Pictures": {"Offsite.jpg": samples.landscape, "View from the office.jpg": samples.landscape},
    "/Reports": {"Q3 report.pdf": samples.page, "Sales 2026.csv": samples.figures},
    "/": {"Ideas.txt": samples.notes, "Jingle.wav": samples.tone},
}


def seed_demo(random: Random) -> int:
    """Add the demo's files and folders where there is none yet."""
    if db.session.scalar(sa.select(File.id).limit(1)):
        return 0
    people = db.session.scalars(sa.select(User.id).order_by(User.id)).all()
    teams = db.session.scalars(sa.select(Team.id).order_by(Team.id)).all()
    added: list[File] = []
    for owner_id in people[:OWNERS]:
        own = _add_tree(random, owner_id)
        _share(random, own, people, teams)
        added += own
    db.session.flush()
    return len(added)


def _add_tree(random: Random, owner_id: int) -> list[File]:
    """Somebody's folders and files, of some weeks."""
    folders: dict[str, File] = {}
    added: list[File] = []
    for path, files in TREE.items():
        if path != "/":
            around, _, name = path.rpartition("/")
            folders[path] = _add_folder(random, owner_id, folders.get(around), name)
        made = (
            _add_file(owner_id, folders.get(path), name, make(random))
            for name, make in files.items()
        )
        for file in made:
            file.created_at = file.updated_at = _some_time_ago(random)
            added.append(file)
    for file in random.sample(added, 3):
        db.session.add(FileFavorite(user_id=owner_id, file_id=file.id))
    return [*folders.values(), *added]


def _add_folder(random: Random, owner_id: int, around: File | None, name: str) -> File:
    moment = _some_time_ago(random)
    folder = File(
        name=name,
        path=f"{around.path if around else ''}/{name}",
        type=FOLDER,
        owner_id=owner_id,
        folder_id=around.id if around else None,
        created_at=moment,
        updated_at=moment,
    )
    db.session.add(folder)
    db.session.flush()
    return folder


def _share(
    random: Random, own: Sequence[File], people: Sequence[int], teams: Sequence[int]
) -> None:
    """Share a folder with a team, and a file with a user."""
    project = next(file for file in own if file.path == "/Projects/Launch")
    report = next(file for file in own if file.path == "/Reports/Q3 report.pdf")
    if teams:
        db.session.add(FileShare(file_id=project.id, team_id=random.choice(teams)))
    if others := [person for person in people if person != report.owner_id]:
        db.session.add(FileShare(file_id=report.id, user_id=random.choice(others)))


def _some_time_ago(random: Random) -> dt.datetime:
    return utcnow() - dt.timedelta(hours=random.randint(1, 24 * 60))


def _add_file(owner_id: int, folder: File | None, name: str, data: bytes) -> File:
    """Add a file as an upload does, with its bytes and its thumbnail."""
    upload = Upload(name, len(data))
    try:
        upload.write(data)
        upload.complete()
        with PendingFile(upload) as arrival:
            id_, _ = arrival.add_to(
                Place(owner_id, folder.id, folder.path) if folder else Place(owner_id)
            )
        return db.session.get_one(File, id_)
    finally:
        upload.close()
