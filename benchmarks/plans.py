"""How PostgreSQL runs what the API asks, in a few words."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from benchmarks.stage import Stage
from halolight import create_app
from halolight.config import Config
from tests.contract.statements import recorded


def plans(stage: Stage, path: str, headers: Mapping[str, str]) -> list[str]:
    """The plans of a GET's statements, but for the one that asks who is calling.

    The API answers once in this process, where its statements are seen at the driver.
    """
    app = create_app(Config.from_env({**stage.env, "LOG_LEVEL": "ERROR"}))
    with recorded(app) as statements:
        response = app.test_client().get(path, headers=dict(headers))
    if response.status_code != 200:
        raise RuntimeError(f"GET {path}: {response.status_code} {response.text[:300]}")
    with stage.engine.connect() as connection:
        return [
            explained(connection, statement)
            for statement in statements
            if "FROM sessions" not in statement
        ]


def explained(connection: sa.Connection, statement: str) -> str:
    """Node types and the names of indexes and tables; what runs inside in brackets."""
    escaped = statement.replace("%", "%%")  # the driver reads `%` as a parameter's place
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {escaped}").scalar_one()
    return _node((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def _node(node: Mapping[str, Any]) -> str:
    inner = ", ".join(_children(node))
    name = node.get("Index Name") or node.get("Relation Name")
    kind: str = node["Node Type"]
    return kind + (f" {name}" if name else "") + (f" [{inner}]" if inner else "")


def _children(node: Mapping[str, Any]) -> Iterator[str]:
    for child in node.get("Plans", ()):
        relation = child["Parent Relationship"]
        apart = relation in {"InitPlan", "SubPlan"}  # scalar sub-selects: once, or for each row
        yield (f"{relation}: " if apart else "") + _node(child)
