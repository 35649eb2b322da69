"""`flask roles ...`"""

import click

from halolight.core.commands import Group

from . import service

group = Group("roles", help="Inspect roles.")


@group.command("list")
def list_roles() -> None:
    """List all roles with their permissions and number of users."""
    for role in service.list_roles():
        click.echo(f"{role.name:<16} {role.user_count:>5} users  {' '.join(role.permissions)}")
