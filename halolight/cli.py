"""The `flask` commands: `db`, `seed`, `doctor` and those of the modules."""

from random import Random

import click
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import Migrate

from . import doctor
from .config import PROJECT
from .core.database import render_item
from .extensions import db
from .modules.audit import seed as audit
from .modules.auth import commands as auth
from .modules.calendar import commands as calendar
from .modules.calendar import seed as events
from .modules.dashboard import seed as visits
from .modules.documents import seed as documents
from .modules.files import commands as storage
from .modules.files import seed as files
from .modules.messages import commands as messages
from .modules.messages import seed as talk
from .modules.notifications import commands as notices
from .modules.notifications import seed as notifications
from .modules.orders import seed as orders
from .modules.products import seed as products
from .modules.roles import commands as roles
from .modules.roles.seed import seed_roles
from .modules.teams import seed as teams
from .modules.users import commands as users
from .modules.users import seed as people

SEED_LOCK = 4_200_818  # any number, the same for every run

DEMO = {
    "users": people.seed_demo,
    "teams": teams.seed_demo,
    "documents": documents.seed_demo,
    "files": files.seed_demo,
    "notifications": notifications.seed_demo,
    "messages": talk.seed_demo,
    "events": events.seed_demo,
    "products": products.seed_demo,
    "orders": orders.seed_demo,
    "visits": visits.seed_demo,
    "audit entries": audit.seed_demo,
}


@click.command("seed")
@click.option("--demo", is_flag=True, help="Add demo accounts and sample data, too.")
@with_appcontext
def seed(demo: bool) -> None:
    """Add the system roles, and with --demo sample data. Safe to run again."""
    if demo and current_app.config["NODE_ENV"] == "production":
        raise click.ClickException(
            "The password of the demo accounts is public: not allowed in production."
        )
    _let_one_seed()
    click.echo(f"Roles added: {seed_roles()}")
    for name, seed_demo in DEMO.items() if demo else ():
        # A generator per kind, so that the rows of one kind do not depend on those of another.
        click.echo(f"{name.capitalize()} added: {seed_demo(Random(name))}")  # noqa: S311
    db.session.commit()
    if demo:
        port = current_app.config["PORT"]
        accounts = ", ".join(email for email, *_ in people.DEMO_ACCOUNTS)
        click.echo(f"Accounts: {accounts}; password {people.DEMO_PASSWORD}")
        click.echo(f"Documentation: http://localhost:{port}/docs")


def _let_one_seed() -> None:
    """Let one process seed at a time; on SQLite, every write transaction is exclusive anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(SEED_LOCK)))


migrate = Migrate(render_as_batch=True, compare_type=True, render_item=render_item)


def init_app(app: Flask) -> None:
    migrate.init_app(app, db, directory=str(PROJECT / "migrations"))
    app.cli.add_command(seed)
    app.cli.add_command(doctor.doctor)
    for commands in (users, roles, auth, storage, messages, notices, calendar):
        app.cli.add_command(commands.group)
