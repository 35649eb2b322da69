"""A client of the stream, in the process of the application: it has no task that serves it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import orjson
from jsonschema_rs import Draft202012Validator

from tests.api_client import ApiClient, openapi

COMMENT = b":\n\n"


class Event(NamedTuple):
    kind: str
    data: Any
    id: str | None


class Reader:
    """An open stream. Every event is checked against the OpenAPI document."""

    def __init__(
        self, client: ApiClient, headers: Mapping[str, str], path: str = "/api/stream"
    ) -> None:
        self._app = client.app
        self._response = client.open("GET", path, headers=dict(headers), buffered=False)
        assert self._response.status_code == 200, self._response.text
        self.headers = self._response.headers
        self.last_id: str | None = None
        self.retry: int | None = None
        self.ended = False
        self._chunks = self._response.iter_encoded()
        self._early = self._read()  # what is sent at once

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    def events(self) -> list[Event]:
        """What has come since the last time, once the application has looked."""
        with self._app.app_context():
            self._app.extensions["live"].hub.look(at_all=True)
        early, self._early = self._early, []
        return [*early, *self._read()]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events()]

    def _read(self) -> list[Event]:
        text = b""
        for chunk in self._chunks:
            if chunk == COMMENT:
                break
            text += chunk
        else:
            self.ended = True
        found = [self._parsed(block) for block in text.decode().split("\n\n")[:-1]]
        return [event for event in found if event]

    def _parsed(self, block: str) -> Event | None:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        self.last_id = fields.get("id", self.last_id)
        if "retry" in fields:
            self.retry = int(fields["retry"])
        if "data" not in fields:
            return None
        event = Event(fields["event"], orjson.loads(fields["data"]), fields.get("id"))
        self._check(event)
        return event

    def _check(self, event: Event) -> None:
        document = openapi(self._app)
        answer = document["paths"]["/api/stream"]["get"]["responses"]["200"]
        schema = answer["content"]["text/event-stream"]["schema"]
        names = {"session-ended": "sessionEnded"}
        shown = {names.get(event.kind, event.kind): event.data}
        Draft202012Validator(schema | {"components": document["components"]}).validate(shown)
        assert event.id or event.kind in {"session-ended", "reconnect"}
