"""`flask users unlock`"""

import click

from halolight.modules.users.commands import group

from . import service


@group.command("unlock")
@click.argument("email")
def unlock(email: str) -> None:
    """Forget the failed logins of an account, so that it can sign in at once."""
    forgotten = service.unlock(email)
    click.echo(f"Forgot {forgotten} failed logins of {email}")
