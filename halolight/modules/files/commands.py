"""`flask files ...`"""

import click

from halolight.core.commands import Group
from halolight.core.storage import location, stores
from halolight.core.storage.protocol import Storage

from .content import garbage, moving

group = Group("files", help="Manage stored files.")


@group.command("gc")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def gc(dry_run: bool) -> None:
    """Delete stored data that no file uses. Run it daily. Exits 1 if a file has lost its data."""
    collected = garbage.look() if dry_run else garbage.collect()
    verb = "Would remove" if dry_run else "Removed"
    click.echo(
        f"{verb} {collected.unused} unused blobs, {collected.orphans} orphans and "
        f"{collected.stale} stale uploads"
    )
    if collected.missing:
        for checksum in collected.missing:
            click.echo(f"Missing: {checksum}", err=True)
        raise click.exceptions.Exit(1)


@group.command("move-storage")
@click.argument("source")
@click.argument("target")
def move_storage(source: str, target: str) -> None:
    """Copy all stored files from the SOURCE to the TARGET, two URLs like STORAGE_URL.

    Run it again if it was interrupted: it copies only what is missing. Exits 1 if a file could
    not be copied, or arrived damaged.
    """
    moved = moving.move(_opened(source), _opened(target))
    click.echo(f"Copied {moved.copied} objects, {moved.present} were there already")
    for key in moved.failed:
        click.echo(f"Failed: {key}", err=True)
    if moved.failed:
        raise click.exceptions.Exit(1)


def _opened(url: str) -> Storage:
    try:
        return stores.opened(location.checked(url))
    except ValueError as error:
        raise click.UsageError(f"{url}: {error}") from None
