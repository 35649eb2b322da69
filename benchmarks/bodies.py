"""Large bodies: every list and text of the API filled, and how long /health takes meanwhile."""

import http.client
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks.client import Client, authorization, percentile
from benchmarks.declarations import ADMIN, ORDINARY
from benchmarks.servers import API, serving
from benchmarks.stage import Options, stage
from benchmarks.table import markdown, under

MB = 1024**2
HEALTH_MAX = under(300)  # milliseconds
PAUSE = 0.02  # seconds between two requests for /health
SIZES = {"9 MB each": 9 * MB, "1 MB each, as most endpoints allow": MB - 1000}


class Field(NamedTuple):
    """A list or a text that some operation takes."""

    method: str
    path: str
    name: str
    is_list: bool


def run(options: Options) -> str:
    """One body after another from one user, while another client requests /health."""
    head = ("", "bodies", "statuses", "/health", "p99 ms", "max ms")
    rows = []
    with stage() as prepared, serving(API, env=prepared.env) as api:
        fields = list(_fields(Client(api.url).get("/openapi.json")))
        for who, email in {"a user": ORDINARY, "an administrator": ADMIN}.items():
            headers = authorization(api.url, email)
            for size_name, size in SIZES.items():
                with ThreadPoolExecutor(1) as pool:
                    sending = pool.submit(_send_all, api.url, headers, fields, size)
                    times = _watch(api.url, sending.done)
                statuses = sending.result()
                rows.append(
                    [
                        f"{who}, {size_name}",
                        str(sum(statuses.values())),
                        ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items())),
                        str(len(times)),
                        f"{percentile(times, 99):.0f}",
                        HEALTH_MAX.judge(max(times), ".0f"),
                    ]
                )
    return markdown(head, rows)


def _fields(document: Mapping[str, Any]) -> Iterator[Field]:
    schemas = document["components"]["schemas"]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            body = operation.get("requestBody", {}) if isinstance(operation, dict) else {}
            if media := body.get("content", {}).get("application/json"):
                schema = schemas[media["schema"]["$ref"].rpartition("/")[2]]
                for name, property_ in schema["properties"].items():
                    kinds = property_.get("type", "object")
                    if "array" in kinds or "string" in kinds:
                        yield Field(method.upper(), path, name, "array" in kinds)


def _send_all(url: str, headers: Mapping[str, str], fields: list[Field], size: int) -> Counter[int]:
    """How often each status came. Public endpoints are asked without a token, as in real life."""
    statuses: Counter[int] = Counter()
    for field in fields:
        value = b"[" + b"1," * (size // 2 - 1) + b"1]" if field.is_list else b'"%s"' % (b"a" * size)
        path = "/".join("1" if part.startswith("{") else part for part in field.path.split("/"))
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        body = b'{"%s": %s}' % (field.name.encode(), value)
        sent = {**headers, "Content-Type": "application/json"}
        try:
            connection.request(field.method, path, body, sent)
            response = connection.getresponse()
            response.read()
            statuses[response.status] += 1
        finally:
            connection.close()
    return statuses


def _watch(url: str, over: Any) -> list[float]:
    client = Client(url)
    times: list[float] = []
    while not over():
        times.append(client.time("/health"))
        time.sleep(PAUSE)
    return times
