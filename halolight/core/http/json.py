"""JSON by orjson: several times faster than the standard library, and strict about bad input."""

from typing import Any

import orjson
from flask import current_app
from flask.json.provider import JSONProvider
from werkzeug.sansio.response import Response as SansResponse

OPTIONS = orjson.OPT_UTC_Z  # a time in UTC ends in Z, as every time on the wire does


class OrjsonProvider(JSONProvider):
    def dumps(self, obj: Any, *, indent: int | None = None, **_: Any) -> str:
        option = OPTIONS | orjson.OPT_INDENT_2 if indent else OPTIONS
        return orjson.dumps(obj, option=option).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> SansResponse:
        """The JSON response of a view, without the detour over a text."""
        data = args[0] if len(args) == 1 else args or kwargs or None
        body = orjson.dumps(data, option=OPTIONS)
        return current_app.response_class(body, mimetype="application/json")
