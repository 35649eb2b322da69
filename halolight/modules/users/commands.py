"""`flask users ...`: for administrators with shell access, without permission checks."""

import click
import marshmallow as ma

from halolight.core.commands import Group
from halolight.core.passwords import PASSWORD_RULES
from halolight.extensions import db

from . import shell
from .queries import ACCOUNTS
from .schemas import UserInput

group = Group("users", help="Manage accounts.")


def _checked(password: str) -> str:
    try:
        ma.validate.And(*PASSWORD_RULES)(password)
    except ma.ValidationError as error:
        raise click.BadParameter(str(error.messages[0])) from None
    return password


def _check_given(_: object, __: object, password: str | None) -> str | None:
    return password and _checked(password)


def _ask_for_password() -> str:
    """Ask twice, and again after one that is refused."""
    password: str = click.prompt(
        "Password", hide_input=True, confirmation_prompt=True, value_proc=_checked
    )
    return password


password_option = click.option("--password", callback=_check_given, help="Prompted for if omitted.")


@group.command("create")
@click.argument("email")
@click.option("--name", help="Defaults to the username.")
@click.option("--username", help="Defaults to the part of the email address before the @.")
@click.option("--role", default="user", show_default=True)
@password_option
def create_user(email: str, password: str | None, role: str, **names: str | None) -> None:
    """Create an account."""
    given = {"email": email, "role": role} | {k: v for k, v in names.items() if v}
    data = UserInput(partial=("name",)).load(given)
    shell.check_new(data)
    user = shell.create(data, password or _ask_for_password())
    click.echo(f"Created user {user.id}: {user.email} ({user.role})")


@group.command("set-password")
@click.argument("email")
@password_option
def set_password(email: str, password: str | None) -> None:
    """Set the password of an account and end its sessions."""
    shell.lock(email)
    db.session.rollback()
    user = shell.set_password(email, password or _ask_for_password())
    click.echo(f"Set the password of {user.email} and ended its sessions")


@group.command("set-role")
@click.argument("email")
@click.argument("role")
def set_role(email: str, role: str) -> None:
    """Give an account another role."""
    changed = shell.update(email, role=role)
    click.echo(f"{email} has the role {role} {'now' if changed else 'already'}")


@group.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Disable an account and end its sessions."""
    changed = shell.update(email, status="INACTIVE")
    click.echo(f"Disabled {email}" if changed else f"{email} is disabled already")


@group.command("enable")
@click.argument("email")
def enable(email: str) -> None:
    """Let a disabled account sign in again."""
    changed = shell.update(email, status="ACTIVE")
    click.echo(f"Enabled {email}" if changed else f"{email} is enabled already")


@group.command("list")
def list_users() -> None:
    """List all accounts."""
    for user in db.rows(ACCOUNTS):
        click.echo(f"{user.id:>6}  {user.email:<40} {user.role:<14} {user.status}")
