"""A client for what wrk cannot do: one request after another, each on the last one's answer."""

import http.client
import json
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from benchmarks.data import PASSWORD
from benchmarks.declarations import ACCOUNTS

JSON = {"Content-Type": "application/json"}


class Client:
    """One connection that is kept alive."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self._headers = dict(headers or {})

    def get(self, path: str) -> Any:
        return json.loads(self._request("GET", path))

    def post(self, path: str, data: Mapping[str, Any]) -> Any:
        return json.loads(self._request("POST", path, json.dumps(data)))

    def time(self, path: str) -> float:
        """Milliseconds until the whole answer to a GET has come."""
        started = time.perf_counter()
        self._request("GET", path)
        return (time.perf_counter() - started) * 1000

    def times(self, path: str, *, most: int, seconds: float) -> list[float]:
        """The milliseconds of so many requests, or of those that fit into the time: 3 at least."""
        end = time.monotonic() + seconds
        found: list[float] = []
        while len(found) < 3 or (len(found) < most and time.monotonic() < end):
            found.append(self.time(path))
        return found

    def _request(self, method: str, path: str, body: str | None = None) -> bytes:
        return self.send(method, path, body, JSON if body else {})

    def send(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """The body of the response. Raises `RuntimeError` for a failure."""
        self._connection.request(method, path, body, {**self._headers, **(headers or {})})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {answer[:300]!r}")
        return answer


def sign_in(url: str, email: str) -> Any:
    """The answer to a login: the tokens and the user."""
    return Client(url).post("/api/auth/login", {"email": email, "password": PASSWORD})


def authorization(url: str, email: str | None) -> dict[str, str]:
    """The header of somebody's requests; none for nobody."""
    return {"Authorization": f"Bearer {sign_in(url, email)['accessToken']}"} if email else {}


def tokens(url: str, email: str | None) -> list[str]:
    """The access tokens of the accounts like somebody's; none for nobody."""
    return [sign_in(url, each)["accessToken"] for each in ACCOUNTS[email]] if email else []


def percentile(times: Sequence[float], percent: float) -> float:
    """The smallest time that so many percent of all do not exceed."""
    return sorted(times)[max(math.ceil(len(times) * percent / 100), 1) - 1]
