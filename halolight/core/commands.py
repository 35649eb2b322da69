"""The base classes of the `flask` commands: what is wrong in a line, not in a traceback."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import click
import marshmallow as ma
import sqlalchemy as sa
from flask.cli import AppGroup

from .errors import ApiError
from .http.error_handlers import validation_details

T = TypeVar("T")


def tracked(items: Iterable[T], label: str, *, length: int | None = None) -> Iterator[T]:
    """The items, with a progress bar on standard error if that is a terminal, otherwise without.

    `length` is their number, where they do not know it themselves.
    """
    hidden = not sys.stderr.isatty()
    with click.progressbar(items, length, label, hidden, file=sys.stderr, show_pos=True) as bar:
        yield from bar


class _Plain(click.Command):
    """Prints a line, and no traceback, when the input, the database or the disk is at fault."""

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
