"""A real PgBouncer between the application and PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from tests.server.running_server import PATIENCE, eventually, free_port

BINARY = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")

CONFIG = """
[databases]
halolight = {target}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
{options}
"""


@contextmanager
def pgbouncer(database: str, **options: object) -> Iterator[str]:
    """The address of a PgBouncer before this database, with these options and its own defaults."""
    if BINARY is None:
        pytest.skip("there is no pgbouncer on this machine (apt-get install pgbouncer)")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="halolight-pgbouncer-") as folder:
        lines = "\n".join(f"{name} = {value}" for name, value in options.items())
        config = Path(folder, "pgbouncer.ini")
        config.write_text(CONFIG.format(target=_target(database), port=port, options=lines))
        Path(folder).chmod(0o755)
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(
                [BINARY, str(config)],
                stdout=log,
                stderr=log,
                user=_owner(database) if os.geteuid() == 0 else None,
            )
        url = f"postgresql+psycopg2://somebody@127.0.0.1:{port}/halolight"
        try:
            assert eventually(lambda: _answers(url)), Path(folder, "log").read_text()
            yield url
        finally:
            process.kill()
            process.wait(PATIENCE)


def _target(database: str) -> str:
    """The address of a database as PgBouncer writes it, with the user to be there."""
    arguments = sa.make_url(database).translate_connect_args(database="dbname", username="user")
    arguments |= sa.make_url(database).query
    return " ".join(f"{name}='{value}'" for name, value in arguments.items() if value)


def _owner(database: str) -> str:
    """A user who may connect to the server; PgBouncer does not run as root."""
    folder = Path(str(sa.make_url(database).query.get("host", "")))
    return folder.owner() if folder.is_absolute() else "nobody"


def _answers(url: str) -> bool:
    with suppress(psycopg2.OperationalError):
        connect(url).close()
        return True
    return False


def connect(url: str) -> psycopg2.extensions.connection:
    """A connection that is not the application's."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg2.connect(plain)
