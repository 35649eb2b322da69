"""The plans of a statement, as each database tells them."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Flask

from .statements import engine

Node = dict[str, Any]


def explained(app: Flask, statement: str) -> list[Node]:
    """The nodes of PostgreSQL's plan."""
    with engine(app).connect() as connection:
        answer = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {escaped(statement)}")
        plan = answer.scalar_one()
    return list(all_nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))


def page_of(nodes: list[Node]) -> Node:
    """The node that finds the rows of a page. A filtered list counts up to another limit."""
    aggregates = [node for node in nodes if node["Node Type"] == "Aggregate"]
    counted = [child for node in aggregates for child in node["Plans"]]
    limits = [node for node in nodes if node["Node Type"] == "Limit"]
    return next(node for node in limits if node not in counted)


def all_nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", []):
        yield from all_nodes(child)


def sqlite_steps(app: Flask, statement: str) -> list[str]:
    with engine(app).connect() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
    return [step.detail for step in steps]


def escaped(statement: str) -> str:
    """The driver reads `%` as a parameter's place."""
    return statement.replace("%", "%%")
