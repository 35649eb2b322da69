"""`flask users ...`: for administrators with shell access, without permission checks."""

from collections.abc import Callable

import click
import marshmallow as ma
from flask.cli import AppGroup

from halolight.core.clock import utcnow
from halolight.core.errors import ApiError, NotFound
from halolight.core.passwords import PASSWORD_RULES, hash_password
from halolight.extensions import db
from halolight.modules.audit import trail
from halolight.modules.roles.models import Role

from . import service
from .queries import ACCOUNTS
from .schemas import UserInput

group = AppGroup("users", help="Manage accounts.")


def _checked(_: object, __: object, password: str) -> str:
    try:
        ma.validate.And(*PASSWORD_RULES)(password)
    except ma.ValidationError as error:
        raise click.BadParameter(str(error.messages[0])) from None
    return password


password_option: Callable[..., Callable[..., None]] = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    callback=_checked,
    help="Prompted for if omitted.",
)


@group.command("create")
@click.argument("email")
@click.option("--name", help="Defaults to the username.")
@click.option("--username", help="Defaults to the part of the email address before the @.")
@click.option("--role", default="user", show_default=True)
@password_option
def create_user(email: str, password: str, role: str, **names: str | None) -> None:
    """Create an account."""
    given = {"email": email, "role": role} | {k: v for k, v in names.items() if v}
    try:
        data = UserInput(partial=("name",)).load(given)
        hashed = hash_password(password)  # before the transaction: it is slow
        if db.session.get(Role, role) is None:
            raise click.ClickException(f"Role {role!r} does not exist; run 'flask roles list'.")
        user = service.add_user({**data, "email_verified_at": utcnow()}, hashed)
        trail.record(None, "users.create", user)
        db.session.commit()
    except ma.ValidationError as error:
        raise click.ClickException(str(error.messages)) from None
    except ApiError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Created user {user.id}: {user.email} ({user.role})")


@group.command("set-password")
@click.argument("email")
@password_option
def set_password(email: str, password: str) -> None:
    """Set the password of an account and end its sessions."""
    try:
        user = service.set_password(email, hash_password(password))
    except NotFound:
        raise click.ClickException(f"User {email!r} does not exist.") from None
    click.echo(f"Set the password of {user.email} and ended its sessions")


@group.command("list")
def list_users() -> None:
    """List all accounts."""
    for user in db.rows(ACCOUNTS):
        click.echo(f"{user.id:>6}  {user.email:<40} {user.role:<14} {user.status}")
