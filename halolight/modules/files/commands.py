"""`flask files ...`"""

import click

from halolight.core.commands import Group

from .content import garbage

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
