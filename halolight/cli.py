"""The `flask` commands: `db`, `seed`, `prepare`, `doctor` and those of the modules."""

from random import Random

import click
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import Migrate, upgrade

from . import doctor, modules
from .config import PROJECT
from .core.commands import Command, Group, tracked
from .core.db.base import render_item
from .core.db.groups import prune_counts
from .core.http.idempotency import prune_keys
from .core.search.index import include_name
from .extensions import db
from .modules.health import migrations
from .modules.roles.seed import seed_roles
from .modules.users.seed import DEMO_ACCOUNTS, DEMO_PASSWORD
from .modules.users.shell import add_first_admin

SEED_LOCK = 4_200_818  # any number, the same for every run


@click.command("seed", cls=Command)
@click.option("--demo", is_flag=True, help="Add demo accounts and sample data, too.")
@with_appcontext
def seed(demo: bool) -> None:
    """Add the system roles, and with --demo sample data. Safe to run again."""
    _add_rows(demo=demo)


@click.command("prepare", cls=Command)
@click.option("--demo", is_flag=True, help="Add demo accounts and sample data, too.")
@with_appcontext
def prepare(demo: bool) -> None:
    """Migrate the database and seed it. Safe to run again, and at each start.

    Leaves a database alone that a newer version has migrated: that is a warning, not an error,
    so that a rollback starts instead of restarting forever.
    """
    if migrations.state() == "newer":
        click.echo(f"Warning: {migrations.advice()}", err=True)
        return
    click.echo("Migrating the database ...")
    upgrade()
    click.echo("Adding demo data ..." if demo else "Adding the system roles ...")
    _add_rows(demo=demo)


def _add_rows(*, demo: bool) -> None:
    if demo and current_app.config["NODE_ENV"] == "production":
        raise click.ClickException(
            "The password of the demo accounts is public: not allowed in production."
        )
    _let_one_seed()
    click.echo(f"Roles added: {seed_roles()}")
    email, password = (current_app.config[name] for name in ("ADMIN_EMAIL", "ADMIN_PASSWORD"))
    if bool(email) != bool(password):
        raise click.ClickException("Set both ADMIN_EMAIL and ADMIN_PASSWORD, or neither.")
    if email and (told := add_first_admin(email, password)):
        click.echo(told)
    if demo:
        _seed_demo()
    db.session.commit()
    if demo:
        port = current_app.config["PORT"]
        accounts = ", ".join(email for email, *_ in DEMO_ACCOUNTS)
        click.echo(f"Accounts: {accounts}; password {DEMO_PASSWORD}")
        click.echo(f"Documentation: http://localhost:{port}/docs")


def _seed_demo() -> None:
    """Add the demo rows of every module whose seed has a `DEMO`: what it calls them."""
    seeds = [seed for seed in modules.find("seed") if getattr(seed, "DEMO", "")]
    added = {}
    for seed in tracked(seeds, "Demo data"):
        # One generator each, so that the rows of one do not depend on those of another.
        added[seed.DEMO] = seed.seed_demo(Random(seed.DEMO))  # noqa: S311
    for name, number in added.items():
        click.echo(f"{name.capitalize()} added: {number}")


def _let_one_seed() -> None:
    """Let one process seed at a time; on SQLite, every write transaction is exclusive anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(SEED_LOCK)))


idempotency_group = Group("idempotency", help="Manage the keys of requests that run once.")


@idempotency_group.command("prune")
def prune_idempotency_keys() -> None:
    """Delete the keys, and responses, of requests more than a day ago. Run it daily."""
    click.echo(f"Deleted {prune_keys(db)} keys")


counts_group = Group("counts", help="Manage the counters of dashboards and lists.")


@counts_group.command("prune")
def prune_unused_counts() -> None:
    """Delete the counters of values that nothing has any more. Run it daily."""
    click.echo(f"Deleted {prune_counts(db.session())} counters")


migrate = Migrate(
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
    include_name=include_name,
)


def init_app(app: Flask) -> None:
    migrate.init_app(app, db, directory=str(PROJECT / "migrations"))
    app.cli.add_command(seed)
    app.cli.add_command(prepare)
    app.cli.add_command(doctor.doctor)
    app.cli.add_command(idempotency_group)
    app.cli.add_command(counts_group)
    for commands in modules.find("commands"):
        app.cli.add_command(commands.group)
    context = click.get_current_context(silent=True)
    if context and context.info_name == "run":  # the development server, not a command
        migrations.warn(app)
