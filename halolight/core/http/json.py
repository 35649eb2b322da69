"""JSON by orjson: several times faster than the standard library, and strict about bad input."""

from typing import Any

import orjson
from flask import current_app
from flask.json.provider import JSONProvider
from werkzeug.sansio.response import Response as SansResponse

from halolight.core.i18n import caller_language

OPTIONS = orjson.OPT_UTC_Z  # a time in UTC ends in Z, as every time on the wire does
VARY = "Origin, Accept-Language"  # no cache may give the text of one language for another


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
        headers = {}
        if isinstance(data, dict) and "success" in data:  # an envelope, which has a `message`
            headers = {"Content-Language": caller_language(), "Vary": VARY}
        return current_app.response_class(body, headers=headers, mimetype="application/json")
