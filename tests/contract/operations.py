"""The operations that the OpenAPI document lists, and what a test needs to call each of them.

The tests of this folder take their parameters from here, so a new endpoint joins them by itself.
A module with rows of its own has a `rows.py` among its tests.
"""

import dataclasses as dc
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from flask import Flask
from werkzeug.test import TestResponse

from halolight import create_app
from halolight.config import Config
from halolight.extensions import db
from halolight.modules import find
from halolight.parsers import database_url
from tests.api_client import METHODS, validator
from tests.factories import PASSWORD, Factory

SECRET = "for-tests-only-0123456789-abcdefghij"
NOWHERE = database_url("postgresql://nobody@127.0.0.1:1/nothing")  # where no database answers

PUBLIC, AUTHENTICATED = None, ""
MISSING = {"integer": 999_999, "string": "missing"}

# The `rows.py` of each module's tests adds the rows that the addresses of its operations name, and
# returns their path parameters. It is given those that are there already, of which `owner_id` is
# whose the rows are and `user_id` is somebody else.
ROWS = find("rows", "tests.modules")

JsonObject = dict[str, Any]


@contextmanager
def application(**settings: Any) -> Iterator[Flask]:
    """An application of its own, with an instance folder of its own and no tables yet."""
    with tempfile.TemporaryDirectory(prefix="halolight-app-") as folder:
        defaults = {"NODE_ENV": "test", "JWT_SECRET": SECRET, "LOG_LEVEL": "ERROR"}
        url = {"DATABASE_URL": f"sqlite:///{folder}/test.db"}
        app = create_app(Config(**(defaults | url | settings)))
        app.instance_path = str(Path(folder) / "instance")
        yield app
        with app.app_context():
            db.engine.dispose()


@dc.dataclass(frozen=True)
class Operation:
    """One method of one path of the document."""

    method: str
    path: str
    definition: JsonObject = dc.field(repr=False)
    path_parameters: dict[str, JsonObject] = dc.field(repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def id(self) -> str:
        return str(self.definition["operationId"])

    @property
    def permission(self) -> str | None:
        """What it asks for: `PUBLIC`, `AUTHENTICATED` or a permission."""
        if not self.definition["security"]:
            return PUBLIC
        return str(self.definition.get("x-permission", AUTHENTICATED))

    @property
    def body(self) -> JsonObject | None:
        """The schema of its JSON body."""
        return self._body("application/json")

    @property
    def form(self) -> JsonObject | None:
        """The schema of its form."""
        return self._body("multipart/form-data")

    def _body(self, kind: str) -> JsonObject | None:
        media = self.definition.get("requestBody", {}).get("content", {}).get(kind)
        return resolve(media["schema"]) if media else None

    @property
    def query(self) -> dict[str, JsonObject]:
        """Its parameters in the address, by name."""
        return _parameters(self.definition, "query")

    def required_query(self, rows: Mapping[str, Any]) -> dict[str, Any]:
        """Its parameters in the address that have to be there, as the rows have them."""
        required = {name: p for name, p in self.query.items() if p.get("required")}
        return {name: sample(name, p["schema"], rows) for name, p in required.items()}

    @property
    def answers_with_bytes(self) -> bool:
        """Whether its success is neither JSON nor a stream of events."""
        responses = self.definition["responses"]
        content = responses.get("200", responses.get("201"))["content"]
        return not content.keys() & {"application/json", "text/event-stream"}

    def url(self, rows: Mapping[str, Any]) -> str:
        """Its address with these path parameters; one that is not given names nothing."""
        # The id of an event has no type in the document.
        kinds = {n: p["schema"].get("type", "integer") for n, p in self.path_parameters.items()}
        missing = {name: MISSING[kind] for name, kind in kinds.items()}
        values = {n: quote(str(v), safe="") for n, v in (missing | dict(rows)).items()}
        return self.path.format_map(values)


def _parameters(of: JsonObject, where: str) -> dict[str, JsonObject]:
    """Those that are not shared by many operations, as references."""
    return {p["name"]: p for p in of.get("parameters", []) if p.get("in") == where}


@cache
def document() -> JsonObject:
    """The OpenAPI document of the application."""
    with application() as app:
        written: JsonObject = orjson.loads(app.extensions["openapi"])
        return written


def resolve(schema: JsonObject) -> JsonObject:
    """The schema, or parameter, that a reference means."""
    if "$ref" not in schema:
        return schema
    [*_, kind, name] = schema["$ref"].split("/")
    found: JsonObject = document()["components"][kind][name]
    return found


def sample(name: str, schema: JsonObject, examples: Mapping[str, Any], number: int = 1) -> Any:
    """A value for the property, from `examples` or as its schema has it; texts hold `number`."""
    schema = resolve(schema)
    kinds = schema.get("type", "object")
    if name in examples:
        return examples[name]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "email":
        return f"sample{number}@example.com"
    if schema.get("format") == "date-time":
        return "2999-01-01T00:00:00Z"
    by_kind = {"string": f"sample_{number}", "integer": 1, "number": 1.5, "boolean": True}
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind in by_kind:
            return by_kind[kind]
        if kind == "array":
            return [sample("", schema["items"], examples, number)]
    return sample_body(schema, examples, number)


def sample_body(schema: JsonObject, examples: Mapping[str, Any], number: int = 1) -> JsonObject:
    """A body with the properties that have to be there, and those that `examples` names."""
    properties = schema.get("properties", {})
    wanted = [name for name in properties if name in {*schema.get("required", []), *examples}]
    return {name: sample(name, properties[name], examples, number) for name in wanted}


def furnish(make: Factory) -> tuple[int, JsonObject]:
    """Make a row of each kind; answers with the id of its owner and the path parameters."""
    owner, other = make.user("user"), make.user("user")
    parameters = {"owner_id": owner.id, "user_id": other.id, "number": 1}
    with make.app.app_context():
        for rows in ROWS:
            parameters |= rows.add(parameters)
        db.session.commit()
    return owner.id, parameters


def examples(rows: Mapping[str, Any]) -> JsonObject:
    """Values of properties whose schema does not say enough."""
    return {
        "permissions": ["documents:view"],
        "currentPassword": PASSWORD,
        "userId": rows["user_id"],
        "userIds": [rows["user_id"]],
        "attendeeIds": [rows["user_id"]],
        "recipientId": rows["user_id"],
        "participantIds": [rows["user_id"]],
        "ids": [MISSING["integer"]],
        "amount": 12.5,
        "folderId": rows["folder_id"],
    }


def assert_documented(app: Flask, operation: Operation, response: TestResponse) -> None:
    """The document has this status for the operation, and its shape if it is a failure.

    The shape of a success is what every other test checks.
    """
    status = str(response.status_code)
    documented = operation.definition["responses"]
    assert status in documented, f"{operation} answers {status}, undocumented: {response.text}"
    if response.status_code >= 400:
        schema = validator(app, operation.path, operation.method.lower(), status)
        schema.validate(response.get_json())


OPERATIONS = [
    Operation(
        method.upper(), path, item[method], _parameters(item, "path") | _parameters(op, "path")
    )
    for path, item in document()["paths"].items()
    for method, op in item.items()
    if method in METHODS
]
WITH_BODY = [operation for operation in OPERATIONS if operation.body]
