"""`flask search ...`"""

import click

from halolight.core.commands import Group
from halolight.core.search import index
from halolight.extensions import db

group = Group("search", help="Manage the index of the search.")


@group.command("rebuild")
def rebuild() -> None:
    """Index all texts again. Run it after an older version has written to this database."""
    click.echo(f"Indexed {index.rebuild(db.session())} rows again")
