"""The base classes of the `flask` commands: what is wrong in a line, not in a traceback."""

from typing import Any

import click
import marshmallow as ma
import sqlalchemy as sa
from flask.cli import AppGroup

from .errors import ApiError
from .http.error_handlers import validation_details


class _Plain(click.Command):
    """Ends with one line when the input, the database or the disk is at fault."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ma.ValidationError as error:
            details = validation_details({"": error.messages})
            lines = [f"{each['field']}: {each['message']}" for each in details]
            raise click.ClickException("\n".join(lines)) from None
        except ApiError as error:
            raise click.ClickException(str(error)) from None
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
            [reason, *_] = str(error.orig).splitlines() or [""]
            text = f"The database cannot be used: {reason.strip()}. Run 'flask doctor'."
            raise click.ClickException(text) from error
        except OSError as error:
            if error.filename is None:  # not of a file
                raise
            text = f"Cannot use {error.filename}: {error.strerror}. Run 'flask doctor'."
            raise click.ClickException(text) from error


class Command(_Plain):
    """A command for `@click.command(cls=Command)`."""


class Group(_Plain, AppGroup):
    """A group of commands, each within the application's context."""
