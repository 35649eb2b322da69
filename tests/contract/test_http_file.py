"""The `.http` file has all endpoints of the specification. `server/test_clients.py` runs it."""

import re

from examples.walk import ENDPOINTS
from halolight.config import PROJECT
from tests.http_file import VARIABLE, read

from .operations import OPERATIONS

FILE = PROJECT / "clients" / "http" / "halolight.http"


def test_calls_each_endpoint_of_the_specification() -> None:
    operations = {re.sub(r"\{\w+\}", "{}", str(each)): each for each in OPERATIONS}
    _, requests = read(FILE)
    called: set[str] = set()
    unknown: list[str] = []
    for request in requests:
        path, _, query = request.address.removeprefix("{{base}}").partition("?")
        endpoint = f"{request.method} {VARIABLE.sub('{}', path)}"
        called.add(endpoint)
        known = operations[endpoint].query
        unknown += [name for name in re.findall(r"(\w+)=", query) if name not in known]

    assert called - ENDPOINTS == {"GET /api/files/{}/download"}
    assert ENDPOINTS - called == set()
    assert unknown == []
