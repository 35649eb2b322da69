"""`flask files ...`"""

import click
from flask.cli import AppGroup

from .content import garbage

group = AppGroup("files", help="Manage stored files.")


@group.command("gc")
def gc() -> None:
    """Delete stored data that no file uses. Run it daily. Exits 1 if a file has lost its data."""
    collected = garbage.collect()
    click.echo(
        f"Removed {collected.unused} unused blobs, {collected.orphans} orphans and "
        f"{collected.stale} stale uploads"
    )
    if collected.missing:
        for checksum in collected.missing:
            click.echo(f"Missing: {checksum}", err=True)
        raise click.exceptions.Exit(1)
