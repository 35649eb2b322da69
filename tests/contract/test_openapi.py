"""The OpenAPI document: valid, complete, named consistently, and changed only on purpose."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
from flask_smorest.spec.plugins import FlaskPlugin
from openapi_spec_validator import OpenAPIV31SpecValidator

from halolight.core.errors import CODES

from .operations import OPERATIONS, WITH_BODY, Operation, application, document

CAMEL_CASE = re.compile(r"[a-z][a-zA-Z0-9]*")
SNAPSHOT = Path(__file__).parent.parent / "openapi.json"
REWRITE = "The API has changed. If that is meant, run 'flask openapi write tests/openapi.json'."
UNDOCUMENTED = ("docs.", "metrics")  # endpoints that are no part of the API


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document that is or may be a schema."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


class TestTheDocument:
    def test_is_valid(self) -> None:
        assert [str(error) for error in OpenAPIV31SpecValidator(document()).iter_errors()] == []

    def test_has_every_route_and_method(self) -> None:
        with application() as app:
            rules = [r for r in app.url_map.iter_rules() if not r.endpoint.startswith(UNDOCUMENTED)]
            routes = {
                (method, FlaskPlugin.flaskpath2openapi(rule.rule))
                for rule in rules
                for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            }

        assert routes == {(operation.method, operation.path) for operation in OPERATIONS}

    def test_leaves_nothing_below_api_out(self) -> None:
        with application() as app:
            hidden = {
                rule.rule
                for rule in app.url_map.iter_rules()
                if rule.endpoint.startswith(UNDOCUMENTED) and rule.rule.startswith("/api/")
            }

        assert hidden == {"/api/docs", "/api/redoc", "/api/openapi.json"}

    def test_equals_the_committed_one(self) -> None:
        assert orjson.loads(SNAPSHOT.read_bytes()) == document(), REWRITE

    def test_is_written_one_line_per_value_so_that_a_change_can_be_reviewed(self) -> None:
        with application() as app:
            printed = app.test_cli_runner().invoke(args=["openapi", "print"])

        assert printed.output.strip() == SNAPSHOT.read_text().strip(), REWRITE

    def test_is_the_same_for_a_second_application(self) -> None:
        with application() as app:
            assert orjson.loads(app.extensions["openapi"]) == document()


class TestNames:
    def test_of_operations_are_unique(self) -> None:
        counted = Counter(operation.id for operation in OPERATIONS)

        assert [name for name, times in counted.items() if times > 1] == []

    def test_of_operations_are_camel_case(self) -> None:
        names = [operation.id for operation in OPERATIONS]

        assert [name for name in names if not CAMEL_CASE.fullmatch(name)] == []

    def test_of_properties_are_camel_case(self) -> None:
        objects = [node["properties"] for node in schemas(document()) if "properties" in node]
        names = {name for properties in objects for name in properties}

        assert {name for name in names if not CAMEL_CASE.fullmatch(name)} == set()

    def test_of_query_parameters_are_camel_case(self) -> None:
        names = {name for operation in OPERATIONS for name in operation.query}

        assert {name for name in names if not CAMEL_CASE.fullmatch(name)} == set()

    def test_of_components_end_in_no_digit(self) -> None:
        """apispec adds one where two schemas have one name."""
        names = [n for components in document()["components"].values() for n in components]

        assert [name for name in names if name[-1].isdigit()] == []

    def test_of_components_do_not_say_schema(self) -> None:
        assert [n for n in document()["components"]["schemas"] if n.endswith("Schema")] == []


def test_patterns_mean_the_same_to_every_client() -> None:
    """JSON Schema has ECMA 262's: `\\Z` is a letter there, and only `^` and `$` anchor."""
    patterns = {str(node["pattern"]) for node in schemas(document()) if "pattern" in node}

    assert {p for p in patterns if not re.fullmatch(r"\^.*\$", p) or r"\Z" in p} == set()


def breaking(rule: Callable[[Operation], object]) -> list[str]:
    """The operations for which the rule is not true."""
    return [str(operation) for operation in OPERATIONS if not rule(operation)]


def statuses(operation: Operation) -> set[str]:
    return set(operation.definition["responses"])


class TestEachOperation:
    def test_has_a_summary_without_a_full_stop(self) -> None:
        summaries = {str(o): o.definition["summary"] for o in OPERATIONS}

        assert {o: text for o, text in summaries.items() if not text or text.endswith(".")} == {}

    def test_describes_its_parameters(self) -> None:
        def unclear(operation: Operation) -> list[str]:
            given = [*operation.path_parameters.values(), *operation.query.values()]
            described = (p.get("description") or p["schema"].get("description") for p in given)
            return [p["name"] for p, text in zip(given, described, strict=True) if not text]

        assert [(str(o), unclear(o)) for o in OPERATIONS if unclear(o)] == []

    def test_has_one_tag(self) -> None:
        assert breaking(lambda operation: len(operation.definition["tags"]) == 1) == []

    def test_says_who_may_call_it(self) -> None:
        def says_so(operation: Operation) -> bool:
            asked = operation.definition.get("x-permission")
            if not operation.definition["security"]:
                return asked is None
            named = asked is None or re.fullmatch(r"[a-z]+:[a-z]+", asked)
            return bool(named) and operation.definition["security"] == [{"bearerAuth": []}]

        assert breaking(says_so) == []

    def test_documents_one_success_with_its_shape(self) -> None:
        def has_one(operation: Operation) -> bool:
            responses = operation.definition["responses"]
            successes = [r for s, r in responses.items() if s < "300" and s != "206"]
            if len(successes) != 1 or len(successes[0]["content"]) != 1:
                return False
            [(media_type, content)] = successes[0]["content"].items()
            if media_type == "text/calendar":
                return bool(content["schema"] == {"type": "string", "format": "binary"})
            if operation.answers_with_bytes:
                of_a_part = responses["206"]["content"]
                binary = {media_type: {"schema": {"type": "string", "format": "binary"}}}
                return bool(successes[0]["content"] == of_a_part == binary)
            shaped = media_type in {"application/json", "text/event-stream"}
            return shaped and bool(content["schema"])

        assert breaking(has_one) == []

    def test_documents_only_statuses_of_the_contract(self) -> None:
        allowed = {str(status) for status in (200, 201, *CODES)}
        of_bytes = allowed | {"206", "302"}  # a part; a redirect to the bucket

        def is_allowed(operation: Operation) -> bool:
            documented = statuses(operation)
            if "412" in documented and operation.method == "GET":  # what has an ETag
                documented -= {"304"}
            return documented <= (of_bytes if operation.answers_with_bytes else allowed)

        assert breaking(is_allowed) == []

    def test_documents_the_refusals_of_its_access_rule(self) -> None:
        def refusals(operation: Operation) -> set[str]:
            signed_in = {"401"} if operation.definition["security"] else set()
            return signed_in | ({"403"} if "x-permission" in operation.definition else set())

        assert breaking(lambda operation: refusals(operation) <= statuses(operation)) == []

    def test_that_reads_a_body_documents_its_refusal(self) -> None:
        assert WITH_BODY
        assert breaking(lambda o: not o.body or {"400", "413", "415"} <= statuses(o)) == []
