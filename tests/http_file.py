"""The requests of an `.http` file, as the REST Client of Visual Studio Code reads them.

Its variables are `{{name}}` of a line `@name = value`, `{{$guid}}`, and parts of former responses:
`{{login.response.body.$.data.id}}`, `{{login.response.headers.ETag}}`.
"""

import dataclasses as dc
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VARIABLE = re.compile(r"\{\{(.+?)\}\}")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dc.dataclass(frozen=True)
class HttpRequest:
    name: str
    method: str
    address: str
    headers: dict[str, str]
    body: str


def read(file: Path) -> tuple[dict[str, str], list[HttpRequest]]:
    """The variables of the file and its requests, with variables as they stand there."""
    text = file.read_text()
    variables = dict(re.findall(r"^@(\w+) *= *(.+)$", text, re.MULTILINE))
    blocks = re.split(r"^###.*$", text, flags=re.MULTILINE)
    return variables, [_request(block) for block in blocks if _lines_of(block)]


def _lines_of(block: str) -> list[str]:
    """The lines from the first one of the request."""
    lines = block.strip().splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(METHODS)]
    return lines[starts[0] :] if starts else []


def _request(block: str) -> HttpRequest:
    head, _, body = "\n".join(_lines_of(block)).partition("\n\n")
    first, *headers = head.splitlines()
    method, _, address = first.partition(" ")
    name = re.search(r"^# @name (\w+)$", block, re.MULTILINE)
    pairs = (line.split(": ", 1) for line in headers)
    return HttpRequest(name[1] if name else "", method, address, dict(pairs), body)


def fill(text: str, variables: Mapping[str, str], responses: Mapping[str, Any]) -> str:
    """The text with the values of its variables. `responses` have `headers` and `json`."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name == "$guid":
            return str(uuid.uuid4())
        if name in variables:
            return fill(variables[name], variables, responses)
        request, _, part = name.partition(".response.")
        kind, _, path = part.partition(".")
        response = responses[request]
        return str(response.headers[path] if kind == "headers" else _at(response.json, path))

    return VARIABLE.sub(value, text)


def _at(json: Any, path: str) -> Any:
    """What a JSONPath of names and numbers leads to: `$.data.items[0].id`."""
    for key in re.findall(r"\w+", path):
        json = json[int(key) if key.isdigit() else key]
    return json
