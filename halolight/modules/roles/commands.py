"""`flask roles ...`"""

import click
from flask.cli import AppGroup

from . import service

group = AppGroup("roles", help="Roles and their permissions.")


@group.command("list")
def list_roles() -> None:
    """Show all roles, what they grant and how many users have them."""
    for role in service.list_roles():
        click.echo(f"{role.name:<16} {role.user_count:>5} users  {' '.join(role.permissions)}")
