"""The documents of the demo."""

import datetime as dt
from collections.abc import Sequence
from random import Random

import sqlalchemy as sa

from halolight.core.clock import utcnow
from halolight.extensions import db
from halolight.modules.teams.models import Team
from halolight.modules.users.models import User

from .models import Document, DocumentShare, DocumentTag, DocumentVersion

DEMO = "documents"
AFTER = ("users", "teams")

COUNT = 60
SUBJECTS = ("Onboarding", "Release", "Security", "Pricing", "Roadmap", "Incident", "Hiring",
            "Budget", "Research", "Support")  # fmt: skip
# What each kind is about, and its type: those that the front ends let users choose, and `code`.
KINDS = {
    "report": ("Findings and figures of the quarter, with what follows from them.", "spreadsheet"),
    "plan": ("Goals, milestones and who takes care of which.", "presentation"),
    "guide": ("Step by step, for who does it the first time.", "code"),
    "notes": ("What was said, what was decided, and by when it is done.", "document"),
}
# Those whose documents the front ends count: project documents, design resources, technical
# documents, reports, minutes.
FOLDERS = (None, "项目文档", "设计资源", "技术文档", "报表", "会议记录")
TAGS = ("draft", "important", "internal", "public", "review", "2026")


def seed_demo(random: Random) -> int:
    """Add the demo's documents where there is none yet."""
    if db.session.scalar(sa.select(Document.id).limit(1)):
        return 0
    people = db.session.scalars(sa.select(User.id).order_by(User.id)).all()
    teams = db.session.scalars(sa.select(Team.id).order_by(Team.id)).all()
    for number in range(COUNT):
        _add_document(random, number, people[number % min(8, len(people))], people, teams)
    db.session.flush()
    return COUNT


def _add_document(
    random: Random, number: int, author_id: int, people: Sequence[int], teams: Sequence[int]
) -> None:
    kind = list(KINDS)[number % len(KINDS)]
    subject = SUBJECTS[number % len(SUBJECTS)]
    about, type_ = KINDS[kind]
    content = f"# {subject} {kind}\n\n{about}\n"
    written = utcnow() - dt.timedelta(hours=random.randint(1, 24 * 90))
    size = len(content.encode())
    document = Document(
        title=f"{subject} {kind} {number + 1}",
        content=content,
        type=type_,
        size=size,
        folder=FOLDERS[number % len(FOLDERS)],
        views=random.randint(0, 400),
        author_id=author_id,
        created_at=written,
        updated_at=written,
    )
    db.session.add(document)
    db.session.flush()
    same = {"document_id": document.id, "created_at": written}
    db.session.add(
        DocumentVersion(**same, number=1, content=content, size=size, author_id=author_id)
    )
    for tag in random.sample(TAGS, random.randint(0, 3)):
        db.session.add(DocumentTag(document_id=document.id, name=tag))
    if number % 3 == 0:
        reader = random.choice([person for person in people if person != author_id])
        db.session.add(DocumentShare(**same, user_id=reader, permission="VIEW"))
    if number % 5 == 0:
        db.session.add(DocumentShare(**same, team_id=random.choice(teams), permission="EDIT"))
