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
    """Check whether the service responds

    Does not use the database.
    """
    return Response(health_json(), mimetype="application/json")


@blp.get("/live")
@blp.public
@blp.response(200, "Health")
def show_liveness() -> Response:
    """Check whether the process is alive (liveness probe)"""
    return Response(health_json(), mimetype="application/json")


@blp.get("/ready")
@blp.public
@blp.response(200, "Readiness")
@blp.alt_response(
    503,
    schema="Readiness",
    description="A dependency is unavailable, or the database is not migrated",
)
def show_readiness() -> Response:
    """Check whether the service is ready (readiness probe)

    Checks the database, its migrations, the storage and, where it is configured, Redis. Each is
    `ok` or `away`. Migrations are `missing` if the database has to be migrated, and `newer` if a
    later version of the API has migrated it.
    """
    results = checks.run_checks()
    ready = all(result == "ok" for result in results.values())
    status = "ok" if ready else "unavailable"
    response = jsonify(status=status, timestamp=isoformat(utcnow()), checks=results)
    response.status_code = 200 if ready else 503
    return response
