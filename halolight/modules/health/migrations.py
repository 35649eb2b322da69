"""Whether the database has the tables that this version of the code needs.

The migrations are read as text: Alembic would take 11 MB of each worker.
"""

import dataclasses as dc
import logging
import re
from functools import cache
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from flask import Flask, current_app

from halolight.extensions import db

from .queries import REVISIONS

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parents[3] / "migrations" / "versions"
UNDEFINED_TABLE = "42P01"  # SQLSTATE
CURRENT = "halolight.migrated"  # set in `app.extensions` once it is known

State = Literal["ok", "missing", "newer"]


@dc.dataclass(frozen=True)
class Revisions:
    """The migrations of this version of the code; `head` is the last one."""

    known: frozenset[str]
    head: str


@cache
def revisions() -> Revisions:
    texts = [path.read_text() for path in FOLDER.glob("*.py")]
    known, earlier = (
        {found for text in texts for found in re.findall(rf"^{name} = '(\w+)'", text, re.M)}
        for name in ("revision", "down_revision")
    )
    [head] = known - earlier
    return Revisions(frozenset(known), head)


def state() -> State:
    """`ok`, `missing` (migrate it) or `newer`: migrated by a later version of the code.

    Once it is `ok`, this process asks no more: a server keeps its state when a later version
    migrates the database beside it. Raises SQLAlchemy's errors when the database is away.
    """
    if CURRENT in current_app.extensions:
        return "ok"
    code, applied = revisions(), _applied()
    if applied - code.known:
        return "newer"
    if applied != {code.head}:
        return "missing"
    current_app.extensions[CURRENT] = True
    return "ok"


def _applied() -> set[str]:
    try:
        return {row.version_num for row in db.rows(REVISIONS)}
    except sa.exc.DBAPIError as error:
        no_table = "no such table" in str(error.orig)
        if no_table or getattr(error.orig, "pgcode", None) == UNDEFINED_TABLE:
            return set()
        raise


def advice() -> str | None:
    """What to do about the database, or None if it is fine."""
    return {
        "ok": None,
        "missing": "the database is not migrated; run 'flask db upgrade'",
        "newer": (
            "the database is newer than this version of the API; install the newer version, or "
            f"use it to run 'flask db downgrade {revisions().head}'"
        ),
    }[state()]


def warn(app: Flask) -> None:
    """Log a warning at the start, unless the database is migrated."""
    with app.app_context():
        try:
            if found := advice():
                log.warning("not ready: %s", found)
        except sa.exc.SQLAlchemyError as error:
            log.warning("not ready: the database is away: %s", error)
