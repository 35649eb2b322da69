"""Health: for people and for orchestrators. Public, outside /api and without the envelope."""

from flask import Flask, Response, jsonify

from halolight.core.clock import isoformat, utcnow
from halolight.core.http.api import Blueprint
from halolight.extensions import api

from . import checks
from .answer import health_json
from .schemas import HealthSchema, ReadinessSchema

blp = Blueprint("health", __name__, url_prefix="/health", description="Health of the service")


def init_app(app: Flask) -> None:
    """Name the shapes, which have no envelope."""
    api.spec.components.schema("Health", schema=HealthSchema)
    api.spec.components.schema("Readiness", schema=ReadinessSchema)


@blp.get("")
@blp.public
@blp.response(200, "Health")
def show_health() -> Response:
    """Whether the service answers

    Touches no database.
    """
    return Response(health_json(), mimetype="application/json")


@blp.get("/live")
@blp.public
@blp.response(200, "Health")
def show_liveness() -> Response:
    """Whether the process is alive (a liveness probe)"""
    return Response(health_json(), mimetype="application/json")


@blp.get("/ready")
@blp.public
@blp.response(200, "Readiness")
@blp.alt_response(
    503,
    schema="Readiness",
    description="Something is away or not migrated",
)
def show_readiness() -> tuple[Response, int]:
    """Whether the service can work (a readiness probe)

    Checks the database, its migrations, the storage and, where it is configured, Redis. Each is
    `ok` or `away`. Migrations are `missing` if the database has to be migrated, and `newer` if a
    later version of the API has migrated it.
    """
    results = checks.run_checks()
    ready = all(result == "ok" for result in results.values())
    status = "ok" if ready else "unavailable"
    body = jsonify(status=status, timestamp=isoformat(utcnow()), checks=results)
    return body, 200 if ready else 503
