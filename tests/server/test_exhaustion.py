"""Many more clients than connections to the database."""

from collections import Counter
from functools import partial

import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from tests.factories import Factory
from tests.server.load import at_once
from tests.server.running_server import (
    Answer,
    Settings,
    eventually,
    running_server,
)

POOL = 5
CLIENTS = 200
STATES = sa.text(
    "SELECT state, count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() GROUP BY state"
)


def connections(app: Flask) -> Counter[str]:
    """How many connections there are in each state, but for the one that asks."""
    with app.app_context():
        db.engine.dispose()
        with db.engine.connect() as connection:
            return Counter({row.state: row.count for row in connection.execute(STATES)})


def test_every_client_is_answered_and_no_connection_is_left_behind(
    settings: Settings, app: Flask, make: Factory
) -> None:
    """One worker with five connections, which a request may wait for two seconds."""
    pool = {"DB_POOL_SIZE": str(POOL), "DB_MAX_OVERFLOW": "0", "DB_POOL_TIMEOUT": "2"}
    token = make.client().token
    of_other_servers = connections(app).total()
    with running_server({**settings, **pool, "WEB_CONCURRENCY": "1"}) as server:

        def read() -> Answer:
            return server.get("/api/documents", token=token)

        def write() -> Answer:
            return server.post("/api/documents", json={"title": "Plan"}, token=token)

        answers = at_once([partial(call) for _ in range(CLIENTS // 2) for call in (read, write)])

        statuses = Counter(answer.status for answer in answers)
        assert set(statuses) <= {200, 201, 429, 503}, statuses
        assert all(answer.headers["Retry-After"] for answer in answers if answer.status >= 429)
        assert read().data["total"] == statuses[201]
        assert eventually(lambda: not connections(app)["idle in transaction"])
        assert connections(app).total() <= of_other_servers + POOL
