"""What generators of clients need: openapi-generator (python, typescript-fetch, typescript-axios),
openapi-typescript, hey-api, swagger-typescript-api and orval were tried with the document.

They know OpenAPI 3.0 better than 3.1, and name what has no name.
"""

import keyword
from collections.abc import Iterator
from typing import Any

from .operations import OPERATIONS, document, resolve

NULL = {"type": "null"}
# Words that a name of an operation cannot be, in one language or another.
RESERVED = {*keyword.kwlist, *keyword.softkwlist, "delete", "new", "export", "function", "default"}
# Types of a browser that clients use beside their models: a model of that name would hide them.
GLOBALS = {"File", "Blob", "FormData", "Request", "Response", "Headers", "Date", "Error", "Object"}


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document, with the way that leads to it."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            if key not in {"example", "examples"}:
                yield from nodes(value, f"{path}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from nodes(value, f"{path}/{number}")


def bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The address, the media type and the schema of each body, in and out."""
    for path, node in nodes(document()):
        if "content" in node and not path.startswith("/components/schemas/"):
            for media_type, content in node["content"].items():
                yield path, media_type, content["schema"]


def test_nothing_is_only_null() -> None:
    alone = [path for path, node in nodes(document()) if node == NULL and "/anyOf/" not in path]

    assert alone == []


def test_a_union_is_of_a_component_and_null() -> None:
    unions = {path: node["anyOf"] for path, node in nodes(document()) if "anyOf" in node}
    others = [path for path, node in nodes(document()) if {"oneOf", "allOf", "not"} & set(node)]

    assert unions
    assert [path for path, (first, *rest) in unions.items() if rest != [NULL]] == []
    assert [path for path, (first, *_) in unions.items() if list(first) != ["$ref"]] == []
    assert others == []


def test_every_body_is_a_component_or_bytes() -> None:
    binary = {"type": "string", "format": "binary"}
    found = {
        f"{path} {media_type}"
        for path, media_type, schema in bodies()
        if list(schema) != ["$ref"] and (schema != binary or media_type == "application/json")
    }

    assert list(bodies())
    assert found == set()


def test_every_object_with_properties_is_a_component() -> None:
    inside = [
        path
        for path, node in nodes(document())
        if isinstance(node.get("properties"), dict)
        and "type" in node
        and path.rpartition("/")[0] != "/components/schemas"
    ]

    assert inside == []


def test_an_object_of_any_keys_says_what_its_values_are() -> None:
    """`true` as `additionalProperties` would make every value `unknown` or `Any`."""
    found = {
        path: node["additionalProperties"]
        for path, node in nodes(document())
        if "additionalProperties" in node
    }

    assert found
    assert [path for path, values in found.items() if isinstance(values, bool)] == []


def test_null_is_one_of_the_words_of_what_may_be_null() -> None:
    enums = [(path, node) for path, node in nodes(document()) if "enum" in node and "type" in node]

    assert enums
    assert [
        path for path, node in enums if ("null" in node["type"]) != (None in node["enum"])
    ] == []


def test_a_parameter_is_never_null() -> None:
    def faulty(schema: dict[str, Any]) -> bool:
        return isinstance(schema["type"], list) or schema.get("default", "") is None

    parameters = [
        (str(o), resolve(p)) for o in OPERATIONS for p in o.definition.get("parameters", [])
    ]
    found = [f"{where} {p['name']}" for where, p in parameters if faulty(p["schema"])]

    assert parameters
    assert found == []


def test_names_are_no_reserved_words() -> None:
    assert {operation.id for operation in OPERATIONS} & RESERVED == set()
    assert GLOBALS.intersection(document()["components"]["schemas"]) == set()


def test_the_server_is_the_one_that_serves_the_document() -> None:
    assert [server["url"] for server in document()["servers"]] == ["/"]
