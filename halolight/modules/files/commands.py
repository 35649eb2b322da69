"""`flask files ...`"""

import click
from flask.cli import AppGroup

from . import garbage

group = AppGroup("files", help="Stored files.")


@group.command("gc")
def gc() -> None:
    """Remove bytes that belong to no file; for a daily timer. Exits 1 if a file lacks its bytes."""
    collected = garbage.collect()
    click.echo(
        f"Removed {collected.unused} unused blobs, {collected.orphans} orphans and "
        f"{collected.stale} stale uploads"
    )
    if collected.missing:
        for checksum in collected.missing:
            click.echo(f"Missing: {checksum}", err=True)
        raise click.exceptions.Exit(1)
