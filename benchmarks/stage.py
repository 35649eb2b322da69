"""What every part needs: its options, and a fresh database with rows in it."""

import dataclasses as dc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from benchmarks.data import furnish
from benchmarks.measure import Target
from benchmarks.servers import flask_command, settings
from tests.postgresql import postgresql


@dc.dataclass(frozen=True)
class Options:
    """What the command line asks for. `seconds` is the length of one run under load."""

    seconds: int
    rounds: int
    rows: int
    peers: Sequence[Target]


@dc.dataclass(frozen=True)
class Stage:
    """A database, and the environment of a server that uses it."""

    engine: sa.Engine
    env: dict[str, str]


@contextmanager
def stage() -> Iterator[Stage]:
    """A new PostgreSQL with 1,000 rows a table. It goes at the end, so no part sees another's."""
    with postgresql() as url:
        env = settings(url)
        flask_command("db", "upgrade", env=env)
        flask_command("seed", env=env)
        engine = sa.create_engine(url)
        try:
            furnish(engine)
            yield Stage(engine, env)
        finally:
            engine.dispose()
