"""`flask search rebuild`."""

import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from tests.api_client import ApiClient

from .steps import titles

DOCUMENTS = "/api/documents"


def rebuild(app: Flask) -> str:
    result = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert result.exit_code == 0, result.output
    return result.output


def test_indexes_what_an_older_version_has_written(app: Flask, user: ApiClient) -> None:
    """It knows no tokens: those of what it adds are missing, and those of what it changes stay."""
    for title in ("Harvest", "Budget", "Roadmap"):
        user.post(DOCUMENTS, json={"title": title})
    with app.app_context():
        for statement in (
            "UPDATE documents SET search_key = NULL WHERE title = 'Harvest'",
            "UPDATE documents SET title = 'Ledger' WHERE title = 'Budget'",
        ):
            db.session.execute(sa.text(statement))
        db.session.commit()
    assert (titles(user, "harvest"), titles(user, "ledger")) == ([], [])

    assert rebuild(app) == "Indexed 2 rows again\n"

    assert titles(user, "harvest") == ["Harvest"]
    assert (titles(user, "ledger"), titles(user, "budget")) == (["Ledger"], [])
    assert titles(user, "roadmap") == ["Roadmap"]
    assert rebuild(app) == "Indexed 0 rows again\n"
